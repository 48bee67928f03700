import { hexlify } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import type { StoredCompartment } from "../../vault/index.js";
import type { ConstraintFile } from "../consent/constraint-files.js";
import { decide, type Decision } from "../consent/decide.js";
import { hintOf, leavesRecords } from "../consent/denials.js";
import { requireVault, type Context } from "../context.js";
import { header, type HandoverHeader } from "../handover/file.js";
import { sealRetraction, statementsFor, type RetractionFile } from "../records/retraction/retraction-statement.js";
import { settleEnvelopes } from "../records/settle-envelopes.js";
import { CATEGORIES, type Purpose } from "../vocabulary.js";
import { saysThatMoreExists } from "./emergency-wish.js";
import { collectEnvelopes, type EnvelopesFile } from "./release-envelopes.js";
import { keysToGive, noRelease, releaseWhere, type ReleaseKeysInput, type KeysFile } from "./release-keys.js";
import { releaseRecords, type UnreadRecord } from "./release-records.js";
import type { RecordsFile } from "./seal-singly.js";
import { silentBatches } from "./silent-batches.js";

/** What a recipient doesn't have yet: keys, if there are new ones, and envelopes. */
export interface DeliveryFile extends HandoverHeader {
  kind: "chartchain/delivery";
  grant?: KeysFile;
  envelopes: EnvelopesFile[];
  /** In an emergency: there are SENSITIVE records that the responder doesn't see, and the patient lets that be said. */
  withheld?: true;
  /** What authors say about records that they retracted, sealed to the recipient. */
  retractions?: RetractionFile[];
  /** What narrows the recipient's grants. */
  constraints?: ConstraintFile[];
  /** Under a constraint, and through a broken glass: single records, each with a key of its own. */
  records?: RecordsFile;
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
  /**
   * Writes the file where it will be found again. Only when that is done does what is in it count as given: what was made
   * before a crash, and never written, comes with the next delivery.
   */
  keep?: (file: DeliveryFile) => Promise<void>;
  /**
   * Called in the vault's transaction that notes what was given, so that whoever keeps files can tell after a crash whether the
   * last one counts. It only stores, in this vault.
   */
  counted?: () => void;
  /**
   * Told of each record that was passed over, because a constraint asks what it says and it can't be read here. It comes with
   * a later delivery, once it can.
   */
  onUnread?: (record: UnreadRecord) => void;
}

/** What a recipient was given: the keys of these compartments, and of each the envelopes up to a sequence number. */
type Progress = Record<string, number>;

/** A compartment's name in that: its id alone could be another steward's, too. */
const placeOf = (steward: number, id: Uint8Array): string => `${steward}:${hexlify(id)}`;

const idsIn = (progress: Progress): string[] =>
  Object.keys(progress).map((place) => place.slice(place.indexOf(":") + 1));

/**
 * Makes one file of everything that a recipient may see and wasn't given yet: compartment keys, envelopes, and what
 * authors said about records that they retracted. A steward runs it for the patient after every write.
 *
 * @throws CONSENT_DENIED, also where there is nothing else to give and no live word reaches the viewer, or this vault lacks
 *   what narrows a grant; NO_KEYS,
 *   UNKNOWN_PARTICIPANT, KEY_CHANGED, KEY_DOCUMENT_MISSING, CHAIN_UNREACHABLE; what `keep` throws; where nothing else is there to give, BLOCK_MISSING and the
 *   like for a record that can't be read
 *
 * @example
 * const keep = (file: DeliveryFile) => writeFile("for-alice.json", JSON.stringify(file), { flush: true });
 * await clinic.deliver({ patient: 7, viewer: 7, keep });
 */
export async function deliver(ctx: Context, input: DeliveryInput): Promise<DeliveryFile> {
  const { patient, viewer, purpose = "PATRQT", again = false } = input;
  const { settings, envelopes } = requireVault(ctx);
  const name = `delivered:${patient}:${viewer}:${purpose}`;
  const before = (again ? undefined : (settings.get(name) as Progress | undefined)) ?? {};
  await settleEnvelopes(ctx, { patient });
  const newest = envelopes.list({ patient }).at(-1)?.sequence ?? 0;
  const held = await keysToGive(ctx, { patient });
  const sent: Progress = {};
  for (const { steward, id } of held) {
    const sequence = before[placeOf(steward, id)];
    if (sequence !== undefined) sent[placeOf(steward, id)] = sequence;
  }

  const isNew = ({ steward, id }: StoredCompartment) => !(placeOf(steward, id) in sent);
  const told = { patient, viewer, again };
  const silent = await silentBatches(ctx, told);
  const { statements: news } = await statementsFor(ctx, { ...told, compartments: idsIn(sent) });
  const hasNews = news.length > 0 || silent.batches.length > 0;
  const keys =
    held.length > 0 && !held.some(isNew)
      ? undefined
      : await newKeys(ctx, { ...input, purpose }, isNew, hasNews).catch((error: unknown) => {
          // Single records may go out.
          if (!isNarrowed(error)) throw error;
          return undefined;
        });
  // With a new key go the records that were there before.
  for (const { steward, id } of keys?.released ?? []) sent[placeOf(steward, id)] = 0;
  const since = Math.min(newest, ...Object.values(sent));
  const { files, denied } = await collectEnvelopes(
    ctx,
    { patient, viewer, purpose, since, compartments: idsIn(sent) },
    ({ steward, compartmentId, sequence }) => sequence > (sent[placeOf(steward, compartmentId)] ?? Infinity),
  );
  // What is denied now may be granted again later: it waits.
  const waiting = new Set(denied.map(({ steward, compartmentId }) => placeOf(steward, compartmentId)));
  const after = Object.entries(sent).map(([place, sequence]) => [place, waiting.has(place) ? sequence : newest]);
  const single = await releaseRecords(ctx, { patient, viewer, purpose, again });
  silent.listIn(files);
  // Here this vault remembers what it gave; the number counts what the recipient doesn't get, too.
  for (const file of files) file.next = 0;
  const { statements, given } = await statementsFor(ctx, { ...told, compartments: idsIn(sent) });
  const retractions: RetractionFile[] = [];
  for (const signed of statements) retractions.push(await sealRetraction(ctx, signed, viewer));
  const withheld = purpose === "ETREAT" && (await saysThatMoreExists(ctx, { patient, viewer }));
  const file: DeliveryFile = {
    ...header(ctx, "chartchain/delivery"),
    ...(keys === undefined ? {} : { grant: keys.file }),
    envelopes: files,
    ...(retractions.length === 0 ? {} : { retractions }),
    ...(withheld ? { withheld } : {}),
    ...(single.constraints.length === 0 ? {} : { constraints: single.constraints }),
    ...(single.records === undefined ? {} : { records: single.records }),
  };
  for (const record of single.unread) input.onUnread?.(record);
  const isEmpty = file.envelopes.length === 0 && !("grant" in file || "retractions" in file || "records" in file);
  if (isEmpty && !("constraints" in file)) {
    // Nobody gave the constraint to this vault: nothing can go out.
    if (single.isLacking) throw constrained(ctx, input);
    if (single.unread.length > 0) throw single.unread[0]!.error;
    await requireReached(ctx, { ...input, purpose }, held);
  }
  await input.keep?.(file);
  requireVault(ctx).transaction(() => {
    settings.set(name, Object.fromEntries(after) as Progress);
    given();
    single.given();
    silent.given();
    input.counted?.();
  });
  return file;
}

/** Nothing new is one thing, and nothing because no live word reaches the viewer is another. */
async function requireReached(
  ctx: Context,
  asked: Pick<ReleaseKeysInput, "patient" | "viewer" | "purpose">,
  held: readonly StoredCompartment[],
): Promise<void> {
  const { patient, viewer, purpose } = asked;
  let denial: Decision | undefined;
  for (const steward of new Set(held.map((each) => each.steward))) {
    for (const category of CATEGORIES) {
      const decision = await decide(ctx, { patient, steward, viewer, category, purpose });
      if (decision.allowed || leavesRecords(decision.reason)) return;
      if (denial === undefined || denial.reason === "NOT_GRANTED") denial = decision;
    }
  }
  if (denial !== undefined) throw noRelease(ctx, asked, denial);
}

const isNarrowed = (error: unknown): boolean =>
  isChartChainError(error, "CONSENT_DENIED") && leavesRecords(error.details["reason"]);

const constrained = (ctx: Context, { patient, viewer, purpose }: DeliveryInput): ChartChainError =>
  new ChartChainError("CONSENT_DENIED", "the viewer's grant is narrowed, and this vault doesn't hold by what", {
    details: { patient, viewer, purpose, reason: "CONSTRAINED" },
    hint: hintOf(ctx, { reason: "CONSTRAINED" }),
  });

/** The keys that a recipient may have and doesn't; undefined when there are no new ones, or none but news to tell. */
async function newKeys(
  ctx: Context,
  { patient, viewer, purpose }: ReleaseKeysInput,
  isNew: (compartment: StoredCompartment) => boolean,
  hasNews: boolean,
): Promise<Awaited<ReturnType<typeof releaseWhere>> | undefined> {
  try {
    return await releaseWhere(ctx, { patient, viewer, purpose }, isNew);
  } catch (error) {
    // Some keys went out before and the rest isn't granted, is confidential, or waits for a new key to be confirmed: there is
    // nothing new.
    const isNothing = (["CONSENT_DENIED", "KEY_UNCONFIRMED", "NO_KEYS"] as const).some((code) =>
      isChartChainError(error, code),
    );
    const wentOutBefore = !(await keysToGive(ctx, { patient })).every(isNew);
    if (isNothing && wentOutBefore) return undefined;
    if (hasNews && isChartChainError(error, "NO_KEYS")) return undefined;
    throw error;
  }
}
