import { hexlify } from "ethers";

import { decodeKeyWrap } from "../../crypto/index.js";
import { isChartChainError } from "../../errors/index.js";

import { requireVault, type Context } from "../context.js";
import { fromBase64, header, is, parseHandover, type HandoverHeader } from "../handover/file.js";
import { settleEnvelopes } from "../records/settle-envelopes.js";
import type { Purpose } from "../vocabulary.js";
import { saysThatMoreExists } from "./emergency-wish.js";
import { collectEnvelopes, type EnvelopesFile } from "./export-envelopes.js";
import { exportGrant, type ExportGrantInput, type GrantFile } from "./export-grant.js";
import { importEnvelopes, type ImportedEnvelopes } from "./import-envelopes.js";
import { importGrant, type ImportedGrant } from "./import-grant.js";

/** What a recipient doesn't have yet: keys, if there are new ones, and envelopes. */
export interface DeliveryFile extends HandoverHeader {
  kind: "chartchain/delivery";
  grant?: GrantFile;
  envelopes: EnvelopesFile[];
  /** In an emergency: there are SENSITIVE records that the responder doesn't see, and the patient lets that be said. */
  withheld?: true;
}

/** Whose records go to whom. */
export interface DeliveryInput {
  patient: number;
  /** The recipient: a viewer, or the patient. */
  viewer: number;
  /** What for: a grant for this purpose has to stand; `PATRQT` when left out, which suits the patient. */
  purpose?: Purpose;
  /** Everything again, when an earlier file was lost. */
  again?: boolean;
}

/** What an imported delivery brought. */
export interface ImportedDelivery {
  grant: ImportedGrant | undefined;
  envelopes: ImportedEnvelopes[];
  /** The steward has SENSITIVE records besides, and the patient lets that be said. Left out, it says nothing. */
  withheld?: true;
}

/** What a recipient was given: the keys of these compartments, and of each the envelopes up to a sequence number. */
type Progress = Record<string, number>;

/**
 * Makes one file of everything that a recipient may see and wasn't given yet: compartment keys and envelopes. A steward
 * runs it for the patient after every write.
 *
 * @throws CONSENT_DENIED, NO_KEYS, UNKNOWN_PARTICIPANT, CHAIN_UNREACHABLE
 *
 * @example
 * const file = await clinic.deliver({ patient: 7, viewer: 7 });
 */
export async function deliver(ctx: Context, input: DeliveryInput): Promise<DeliveryFile> {
  const { patient, viewer, purpose = "PATRQT", again = false } = input;
  const { settings, envelopes } = requireVault(ctx);
  const name = `delivered:${patient}:${viewer}:${purpose}`;
  const before = (again ? undefined : (settings.get(name) as Progress | undefined)) ?? {};
  await settleEnvelopes(ctx, { patient });
  const newest = envelopes.list({ patient }).at(-1)?.sequence ?? 0;

  const grant = await newKeys(ctx, { patient, viewer, purpose, except: Object.keys(before) });
  const fresh = (grant?.wraps ?? []).map((wrap) => hexlify(decodeKeyWrap(fromBase64(wrap)).compartmentId));
  // With a new key go the records that were there before.
  const sent: Progress = { ...before, ...Object.fromEntries(fresh.map((id) => [id, 0])) };
  const since = Math.min(newest, ...Object.values(sent));
  const { files, denied } = await collectEnvelopes(
    ctx,
    { patient, viewer, purpose, since, compartments: Object.keys(sent) },
    (compartment, sequence) => sequence > sent[compartment]!,
  );
  // What is denied now may be granted again later: it waits.
  const after = Object.entries(sent).map(([id, sequence]) => [id, denied.has(id) ? sequence : newest] as const);
  settings.set(name, Object.fromEntries(after) satisfies Progress);
  const withheld = purpose === "ETREAT" && (await saysThatMoreExists(ctx, { patient, viewer }));
  return {
    ...header(ctx, "chartchain/delivery"),
    ...(grant === undefined ? {} : { grant }),
    envelopes: files,
    ...(withheld ? { withheld } : {}),
  };
}

/** The keys that a recipient may have and doesn't; undefined when there are no new ones. */
async function newKeys(ctx: Context, input: ExportGrantInput & { except: string[] }): Promise<GrantFile | undefined> {
  const held = requireVault(ctx).compartments.list({ patient: input.patient });
  if (held.length > 0 && held.every(({ id }) => input.except.includes(hexlify(id)))) return undefined;
  try {
    return await exportGrant(ctx, input);
  } catch (error) {
    // Some keys went out before and the rest isn't granted, or waits for a new key to be confirmed: there is nothing new.
    const isNothing = isChartChainError(error, "CONSENT_DENIED") || isChartChainError(error, "KEY_UNCONFIRMED");
    if (input.except.length > 0 && isNothing) return undefined;
    throw error;
  }
}

/**
 * Takes the keys and then the envelopes of a delivery into the vault.
 *
 * @throws what {@link importGrant} and {@link importEnvelopes} throw
 *
 * @example
 * await patient.importDelivery({ file: JSON.parse(await readFile("delivery.json", "utf8")) });
 */
export async function importDelivery(ctx: Context, { file }: { file: unknown }): Promise<ImportedDelivery> {
  const withheld = is.optional((value) => value === true);
  const shape = { grant: is.optional(is.object), envelopes: is.listOf(is.object), withheld };
  const delivery = parseHandover<DeliveryFile>(ctx, "chartchain/delivery", shape, file);
  const grant = delivery.grant === undefined ? undefined : await importGrant(ctx, { file: delivery.grant });
  const envelopes: ImportedEnvelopes[] = [];
  for (const each of delivery.envelopes) envelopes.push(await importEnvelopes(ctx, { file: each }));
  return { grant, envelopes, ...(delivery.withheld ? { withheld: true } : {}) };
}
