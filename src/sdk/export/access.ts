import type { EmergencyEntry } from "../consent/emergency.js";
import type { Context } from "../context.js";
import { categoriesOf, EVERY_STEWARD, purposeIndex, roleMask, type Category } from "../vocabulary.js";
import type { ExportBlock } from "./block-times.js";
import type { GrantAct } from "./grant-acts.js";

/** What a break-glass lets its responder see at the export's block. */
export interface OpenGlass {
  /** What may be seen; none once it ended, in whatever way. */
  open: readonly Category[];
  /** The responder is licensed for emergencies: without that nothing may be seen until it is again. */
  certified: boolean;
}

/**
 * What may still be seen by a break-glass, by the contracts' state: it ends with its time, a review, the revocation of its
 * responder or of everything, and the patient's policy of now holds, too.
 */
export async function openGlass(
  ctx: Context,
  { patient, responder, number }: EmergencyEntry,
  block: ExportBlock,
): Promise<OpenGlass> {
  const { Consents, Registrar } = ctx.contracts;
  const at = { blockTag: block.number };
  const [glass, [policy], [state], certified] = await Promise.all([
    Consents.emergencyOf(patient, responder, at),
    Registrar.emergencyOf(patient, at),
    Consents.grantOf(patient, responder, purposeIndex("ETREAT"), EVERY_STEWARD, at),
    Registrar.licenceLasts(responder, roleMask(["EMERGENCY"]), at),
  ]);
  const isOpen =
    Number(glass.number) === number &&
    block.time < Number(glass.until) &&
    glass.accessEpoch === state.accessEpoch &&
    glass.generation === state.generation;
  return { open: isOpen ? categoriesOf(Number(glass.categories & policy)) : [], certified };
}

/** Who of those with a grant is an institution whose licence isn't live at a block. */
export async function unlicensedAmong(
  ctx: Context,
  grants: readonly GrantAct[],
  block: ExportBlock,
): Promise<ReadonlySet<number>> {
  const viewers = [...new Set(grants.map(({ viewer }) => viewer))];
  const licensed = await Promise.all(
    viewers.map((viewer) => ctx.contracts.Registrar.isInGoodStanding(viewer, { blockTag: block.number })),
  );
  return new Set(viewers.filter((_, i) => !licensed[i]));
}
