import { getBytes, hexlify } from "ethers";

import {
  constraintDigest,
  createConstraint,
  decodeConstraint,
  encodeConstraint,
  rootOf,
  type Constraint,
  concatBytes,
} from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { SENSITIVITY_CLASSES, type SensitivityClass } from "../../fhir/index.js";
import { requireVault, type Context } from "../context.js";
import { fromBase64, toBase64 } from "../handover/file.js";
import { purposeIndex, type Purpose } from "../vocabulary.js";
import type { AskedRecord } from "./question.js";

/**
 * How far a grant is narrowed. Every part narrows further; a record has to fit all that are there. What a record doesn't
 * tell, it doesn't fit: one that is no FHIR has neither classes, nor a date, nor an encounter.
 */
export interface Narrowing {
  /** Of what is sensitive, only these classes; none: nothing sensitive. */
  classes?: readonly SensitivityClass[];
  /** Only what is about this time, in seconds since 1970, both included. */
  from?: number;
  to?: number;
  /** Only what belongs to this encounter, as its reference is written: `Encounter/9`. */
  encounter?: string;
  /** Only these records, by their digests; a thousand at the most. */
  records?: readonly string[];
  /** Nothing before this time, in seconds since 1970. */
  notBefore?: number;
}

/** The grant that a constraint narrows. `steward` is `EVERY_STEWARD` for one over all of them. */
export interface ConstrainedWord {
  patient: number;
  viewer: number;
  purpose: Purpose;
  steward: number;
}

/** A constraint that a vault holds, with the list that its root is over. */
export interface HeldConstraint {
  constraint: Constraint;
  records: string[];
}

export type { AskedRecord };

/** So that constraint and list stay small enough to be handed over, and read at each decision. */
const MOST_LISTED = 1_000;

/** What a narrowing may say. */
const PARTS = ["classes", "from", "to", "encounter", "records", "notBefore"];

/**
 * Looks over a narrowing that may come from plain JavaScript: a misspelt part would narrow nothing, and an unknown class
 * would never admit anything.
 *
 * @throws CONSTRAINT_MALFORMED
 */
function requireNarrowing(given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw malformedConstraint(`it must be an object of ${PARTS.join(", ")}`);
  }
  const { records, classes } = given as Record<string, unknown>;
  const unknown = Object.keys(given).filter((name) => !PARTS.includes(name));
  if (unknown.length > 0) throw malformedConstraint(`it has no part ${unknown.join(", ")}, but ${PARTS.join(", ")}`);
  const isClass = (name: unknown) => SENSITIVITY_CLASSES.includes(name as SensitivityClass);
  if (classes !== undefined && !(Array.isArray(classes) && classes.every(isClass))) {
    throw malformedConstraint(`classes must be a list of ${SENSITIVITY_CLASSES.join(", ")}`);
  }
  if (records === undefined) return;
  const isList = Array.isArray(records) && records.length > 0 && records.length <= MOST_LISTED;
  if (!isList || !records.every((digest) => typeof digest === "string" && isDigest(digest.toLowerCase()))) {
    throw malformedConstraint(`records must be 1 to ${MOST_LISTED} digests`);
  }
}

/**
 * Makes a constraint with a fresh salt.
 *
 * @returns what the vault is to hold, and the salted digest for the chain
 * @throws CONSTRAINT_MALFORMED
 */
export function makeConstraint(
  { purpose, ...word }: ConstrainedWord,
  narrowing: Narrowing,
): { held: HeldConstraint; digest: string } {
  requireNarrowing(narrowing);
  const { records, classes, ...others } = narrowing;
  const list = [...new Set(records?.map((digest) => digest.toLowerCase()))].sort();
  const constraint = createConstraint({
    ...word,
    purpose: purposeIndex(purpose),
    ...others,
    ...(classes === undefined ? {} : { classes: [...new Set(classes)].sort() }),
    ...(records === undefined ? {} : { root: rootOfList(list), size: list.length }),
  });
  return { held: { constraint, records: list }, digest: hexlify(constraintDigest(constraint)) };
}

/** What a constraint narrows to. */
export const narrowingIn = ({ constraint, records }: HeldConstraint): Narrowing => {
  const { classes, from, to, encounter, root, notBefore } = constraint;
  return {
    ...(classes === undefined ? {} : { classes: classes as SensitivityClass[] }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(root === undefined ? {} : { records }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
};

/** Whether one narrowing admits nothing that another doesn't. What it can't tell, it denies. */
export function isWithin(inner: Narrowing, outer: Narrowing): boolean {
  const { classes, from, to, encounter, records, notBefore } = outer;
  const listed = records?.map((digest) => digest.toLowerCase());
  return (
    (classes === undefined || inner.classes?.every((each) => classes.includes(each)) === true) &&
    (from === undefined || (inner.from ?? -Infinity) >= from) &&
    (to === undefined || (inner.to ?? Infinity) <= to) &&
    (encounter === undefined || inner.encounter === encounter) &&
    (listed === undefined || inner.records?.every((each) => listed.includes(each.toLowerCase())) === true) &&
    (notBefore === undefined || (inner.notBefore ?? -Infinity) >= notBefore)
  );
}

/** Keeps a constraint in the vault. */
export function keepConstraint(ctx: Context, held: HeldConstraint): void {
  const digest = hexlify(constraintDigest(held.constraint));
  requireVault(ctx).access.constraints.set({ digest }, encodeHeld(held));
}

/** The constraint of that digest for that grant, if the vault holds it. */
export function heldConstraint(ctx: Context, digest: string, word: ConstrainedWord): HeldConstraint | undefined {
  const kept = requireVault(ctx).access.constraints.get({ digest });
  const held = kept === undefined ? undefined : decodeHeld(kept);
  return held !== undefined && isOf(held.constraint, word) ? held : undefined;
}

/** Whether a constraint is about this grant. */
export const isOf = ({ patient, viewer, purpose, steward }: Constraint, word: ConstrainedWord): boolean =>
  patient === word.patient &&
  viewer === word.viewer &&
  purpose === purposeIndex(word.purpose) &&
  steward === word.steward;

/** As it is kept and travels, sealed: the constraint's encoding and the list, base64 with a colon between them. */
export const encodeHeld = ({ constraint, records }: HeldConstraint): string =>
  `${toBase64(encodeConstraint(constraint))}:${toBase64(concatBytes(...records.map((digest) => getBytes(digest))))}`;

/**
 * Reads what {@link encodeHeld} made, and holds the list against its root.
 *
 * @throws CONSTRAINT_MALFORMED
 */
export function decodeHeld(text: string): HeldConstraint {
  const [encoded = "", list = ""] = text.split(":");
  const constraint = decodeConstraint(fromBase64(encoded));
  const bytes = fromBase64(list);
  const records = Array.from({ length: Math.floor(bytes.length / 32) }, (_, i) =>
    hexlify(bytes.subarray(32 * i, 32 * (i + 1))),
  );
  const isList = constraint.root === undefined ? bytes.length === 0 : isListOf(constraint, records);
  const held = { constraint, records };
  if (!isList || encodeHeld(held) !== text) throw malformedConstraint("its list isn't the one of its root");
  return held;
}

/**
 * Whether a constraint admits a record at a time.
 *
 * @param now in seconds since 1970
 */
export async function admits(
  { constraint, records }: HeldConstraint,
  record: AskedRecord,
  now: number,
): Promise<boolean> {
  const { classes, from, to, encounter, root, notBefore } = constraint;
  if (notBefore !== undefined && now < notBefore) return false;
  if (root !== undefined && !records.includes(record.digest.toLowerCase())) return false;
  const isAboutContent = [classes, from, to, encounter].some((part) => part !== undefined);
  if (!isAboutContent || record.facts === "unseen") return true;
  const facts = await record.facts?.();
  if (facts === undefined) return false;
  if (classes !== undefined) {
    const isAdmitted = (each: string) => classes.includes(each);
    if (![...facts.classes, ...(record.noted ?? [])].every(isAdmitted)) return false;
    // It is filed as sensitive for something that it doesn't tell.
    if (record.category === "SENSITIVE" && facts.classes.length === 0) return false;
  }
  if (encounter !== undefined && (facts.encounters?.length !== 1 || facts.encounters[0] !== encounter)) return false;
  if (from === undefined && to === undefined) return true;
  const { time } = facts;
  return time !== undefined && time.first >= (from ?? -Infinity) && time.last <= (to ?? Infinity);
}

const isDigest = (text: string): boolean => /^0x[0-9a-f]{64}$/.test(text);

const rootOfList = (records: readonly string[]): Uint8Array => rootOf(records.map((digest) => getBytes(digest)));

const isListOf = ({ root, size }: Constraint, records: readonly string[]): boolean =>
  records.length === size && hexlify(rootOfList(records)) === hexlify(root!);

const malformedConstraint = (reason: string): ChartChainError =>
  new ChartChainError("CONSTRAINT_MALFORMED", `the constraint is malformed: ${reason}`, {
    details: { reason },
    hint: "Give a constraint exactly as it was created.",
  });
