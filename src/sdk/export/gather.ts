import { ChartChainError } from "../../errors/index.js";
import { listEmergencies, type EmergencyEntry } from "../consent/emergency.js";
import { listDisclosures, overviewOf, type Disclosure, type RelationshipEntry } from "../consent/overview.js";
import { ownId, requireVault, type Context } from "../context.js";
import { listDelegates, powersOf, type DelegateEntry } from "../people/delegates.js";
import { nameOrProblem } from "../people/participants.js";
import { verifiedRecords } from "../records/verified-history.js";
import { verifyHistory, type HistoryReport } from "../records/verify-history.js";
import type { AnchoredRecord } from "../records/history.js";
import { approvedTerms, type RelationshipTerms } from "../relationships/approved-terms.js";
import { EVERY_STEWARD } from "../vocabulary.js";
import { openGlass, unlicensedAmong, type OpenGlass } from "./access.js";
import { exportBlock, type ExportBlock } from "./block-times.js";
import { grantActs, type GrantAct } from "./grant-acts.js";

/** A relationship with what was agreed on; undefined terms: this vault never saw them. */
export interface AgreedRelationship extends RelationshipEntry {
  terms: RelationshipTerms | undefined;
}

/** Everything but the records that an export says about a patient. */
export interface Gathered {
  patient: number;
  /** Who exports: the patient, or who acts in the patient's place. */
  exporter: number;
  block: ExportBlock;
  history: HistoryReport;
  anchors: readonly AnchoredRecord[];
  relationships: readonly AgreedRelationship[];
  grants: readonly GrantAct[];
  delegates: readonly DelegateEntry[];
  emergencies: readonly (EmergencyEntry & { at: number } & OpenGlass)[];
  /** Who has a grant that counts again once its licence is live. */
  unlicensed: ReadonlySet<number>;
  /** What this vault's owner handed keys out to. */
  releases: readonly Disclosure[];
  /** A participant as a person reads it. */
  nameOf: (participant: number) => string;
}

/**
 * Asks the chain and the vault for all that an export says besides the records.
 *
 * @throws NOT_A_PATIENT; NOT_EMPOWERED for who neither is the patient nor may view in the patient's place; HISTORY_UNVERIFIED, NODES_DISAGREE,
 *   CHAIN_UNREACHABLE
 */
export async function gather(ctx: Context, of: number | undefined): Promise<Gathered> {
  const exporter = await ownId(ctx);
  const patient = of ?? exporter;
  await requireMayExport(ctx, patient, exporter);
  const anchors = await verifiedRecords(ctx, patient);
  const history = await verifyHistory(ctx, { patient });
  const block = await exportBlock(ctx, history.block);
  const overview = await overviewOf(ctx, { patient });
  const relationships = await Promise.all(
    overview.relationships.map(async (entry) => ({
      ...entry,
      terms: await approvedTerms(ctx, { patient, provider: entry.provider }),
    })),
  );
  const grants = await grantActs(ctx, patient, block);
  const delegates = await listDelegates(ctx, { patient });
  const emergencies = await Promise.all(
    (await listEmergencies(ctx, { patient })).map(async (each) => ({
      ...each,
      ...{ at: await block.timeOf(each.block), ...(await openGlass(ctx, each, block)) },
    })),
  );
  const unlicensed = await unlicensedAmong(ctx, grants, block);
  const releases = await listDisclosures(ctx, { patient });
  const involved = [
    ...[patient, exporter],
    ...anchors.map(({ author }) => author),
    ...relationships.map(({ provider }) => provider),
    ...grants.flatMap(({ viewer, steward, by }) => [viewer, steward, by ?? EVERY_STEWARD]),
    ...delegates.flatMap(({ delegate, source }) => [delegate, source]),
    ...emergencies.map(({ responder }) => responder),
    ...releases.map(({ recipient }) => recipient),
    // Whose records are left out, too.
    ...requireVault(ctx)
      .envelopes.list({ patient })
      .map(({ steward }) => steward),
  ];
  const nameOf = await namesOf(ctx, involved);
  return {
    ...{ patient, exporter, block, history, anchors, relationships, grants, delegates, emergencies },
    ...{ unlicensed, releases, nameOf },
  };
}

/** Who may view in the patient's place gets what that one may open; nobody else has it under one word. */
async function requireMayExport(ctx: Context, patient: number, exporter: number): Promise<void> {
  if (patient === exporter) return;
  const powers = await powersOf(ctx, { patient, delegate: exporter });
  if (powers !== undefined && powers.view.length > 0) return;
  throw new ChartChainError(
    "NOT_EMPOWERED",
    `participant ${exporter} may not view in the place of patient ${patient}`,
    {
      details: { patient, actor: exporter },
      hint: "The patient exports, or a representative or delegate who may view. Who has a grant opens record by record.",
    },
  );
}

async function namesOf(ctx: Context, participants: readonly number[]): Promise<(participant: number) => string> {
  const ids = [...new Set(participants)].filter((id) => id !== EVERY_STEWARD);
  const names = new Map(
    await Promise.all(
      ids.map(async (id) => {
        const { name, problem } = await nameOrProblem(ctx, id);
        const verified = name === "" ? `participant ${id}` : `${name} (participant ${id})`;
        return [id, problem === undefined ? verified : `participant ${id} (name not verified)`] as const;
      }),
    ),
  );
  return (id) => names.get(id) ?? (id === EVERY_STEWARD ? "every provider" : `participant ${id}`);
}
