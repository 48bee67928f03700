import { getBytes, hexlify } from "ethers";

import type { SensitivityDoubt } from "../../../fhir/index.js";
import type { EnvelopeEntry, Vault } from "../../../vault/index.js";
import { requireVault, type Context } from "../../context.js";
import { categoryIndex } from "../../vocabulary.js";
import { putOnWorklist, SENSITIVITY_IN_DOUBT } from "./doubts.js";
import { isRetracted } from "../retraction/retractions.js";

/** In the log of decisions: a person said that a record is SENSITIVE. */
export const CONFIRMED = "confirm-sensitive";

/** In the log of decisions: a person said that a record isn't SENSITIVE, and its content was added as ordinary copies. */
export const LIFTED = "lift-sensitive";

/** A record that is SENSITIVE only until a person has looked. */
export interface RecordInDoubt {
  /** The record's digest. */
  digest: string;
  patient: number;
  /** What was found in it, and may mean something ordinary. */
  doubts: readonly Pick<SensitivityDoubt, "place" | "reasons">[];
}

/**
 * Asks for a person's word on a record that is in a chart as SENSITIVE although nothing that was found in it is certain.
 * It stays SENSITIVE until somebody says otherwise. One whose doubts are none is passed over; so is one about which somebody
 * decided before, or which its author retracted: when an import is repeated, nobody is asked twice.
 *
 * @returns the item of the worklist
 *
 * @example
 * await clinic.askAboutSensitivity({ digest, patient: 7, doubts: record.doubts });
 */
export async function askAboutSensitivity(
  ctx: Context,
  { digest, patient, doubts }: RecordInDoubt,
): Promise<number | undefined> {
  if (doubts.length === 0) return undefined;
  const vault = requireVault(ctx);
  if (decidedIn(vault).has(digest)) return undefined;
  const entry = vault.envelopes.get(getBytes(digest));
  if (entry !== undefined && isRetracted(ctx, entry)) return undefined;
  const places = doubts.flatMap(({ place, reasons }) =>
    reasons.map(({ sensitivity, path }) => `${place}.${path}: may be ${sensitivity}`),
  );
  // The record is in the chart: nothing of it is kept twice.
  return putOnWorklist(ctx, { patient, content: new Uint8Array() }, SENSITIVITY_IN_DOUBT, places, { record: digest });
}

/** What a person's word on a record's sensitivity came to: the digests of its ordinary copies, where they were logged. */
type Decided = Map<string, string[] | undefined>;

// The log only grows: each decision is opened once.
const decidedOf = new WeakMap<Vault, { next: number; decided: Decided }>();

/** The records about whose sensitivity a person decided, by digest. */
function decidedIn(vault: Vault): Decided {
  const known = decidedOf.get(vault) ?? { next: 0, decided: new Map<string, string[] | undefined>() };
  decidedOf.set(vault, known);
  for (const { index, kind, about } of vault.decisions.list({ from: known.next })) {
    known.next = index + 1;
    const record = about["record"] as string;
    if (kind === CONFIRMED) known.decided.set(record, []);
    if (kind === LIFTED) known.decided.set(record, about["copies"] as string[] | undefined);
  }
  return known.decided;
}

/**
 * The ordinary records to which the content of a SENSITIVE one was copied when its doubt was lifted, as far as they are here:
 * what the decision names, or, where an earlier version logged none or the lifting was interrupted, what amends it
 * from an ordinary category.
 */
export function copiesOf(ctx: Context, record: Uint8Array): EnvelopeEntry[] {
  const vault = requireVault(ctx);
  const of = vault.envelopes.get(record);
  const sensitive = categoryIndex("SENSITIVE");
  if (of?.metadata?.category !== sensitive) return [];
  const { author } = of.metadata;
  const digest = hexlify(record);
  const named = decidedIn(vault).get(digest);
  if (named !== undefined) return named.flatMap((copy) => vault.envelopes.get(getBytes(copy)) ?? []);
  const wasAsked = decidedIn(vault).has(digest) || itemAbout(vault, digest) !== undefined;
  if (!wasAsked) return [];
  return vault.envelopes.list({ patient: of.patient, steward: of.steward }).filter(({ metadata }) => {
    const isCopy = metadata?.amends !== undefined && hexlify(metadata.amends) === digest;
    return isCopy && metadata.author === author && metadata.category !== sensitive;
  });
}

/** The item of the worklist that asks about a record's sensitivity. */
export const itemAbout = (vault: Vault, digest: string): number | undefined =>
  vault.worklist.list().find(({ code, about }) => code === SENSITIVITY_IN_DOUBT && about["record"] === digest)?.id;
