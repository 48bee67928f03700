import { ChartChainError } from "../../errors/index.js";
import { SENSITIVITY_CLASSES } from "../../fhir/index.js";
import { narrowingInWords, type Client, type ConstrainedWord, type Narrowing } from "../../sdk/index.js";
import type { FromNow, WholeDay } from "./dates.js";
import { choice, digest, encounter, instant, lastInstant } from "./flag-kinds.js";
import { optional, several, toggle, type Values } from "./flags.js";
import type { OutputFile } from "../files/output-file.js";
import { findRecord } from "../records/record-choice.js";
import { count, short, time } from "../terminal/tables.js";
import { CLASS_WORDS, inWords } from "../words/terms-in-words.js";
import { badUsage } from "./usage.js";

/** How a person says what a grant is narrowed to. */
export const CONSTRAINT_FLAGS = {
  records: several(digest, "narrowed to these records, each by its digest"),
  classes: several(
    choice("CLASS", [...SENSITIVITY_CLASSES, "NONE"]),
    `narrowed, of what is sensitive, to these classes: ${SENSITIVITY_CLASSES.join(", ")}, or NONE`,
  ),
  from: optional(instant, "narrowed to what is about this time or later: 2024-01-01"),
  to: optional(lastInstant, "narrowed to what is about this time or earlier; a day with all of it"),
  encounter: optional(encounter, "narrowed to what belongs to this encounter: Encounter/9"),
  "not-before": optional(instant, "nothing before this time"),
  "lift-constraint": toggle("what narrowed the grant until now doesn't any more; a grant that says nothing leaves it"),
};

type Given = Values<typeof CONSTRAINT_FLAGS>;

/** A grant's constraint as it was asked for: `null` lifts what there is, undefined leaves it. */
export type AskedConstraint = Narrowing | null | undefined;

/** Which of these flags were given. */
export const constraintFlagsIn = (flags: Given): string[] =>
  Object.keys(CONSTRAINT_FLAGS).filter((name) => {
    const value = flags[name as keyof Given];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  });

/**
 * Looks over what can be told without a vault.
 *
 * @throws BAD_USAGE when the parts contradict each other
 */
export function checkConstraint(flags: Given & { until?: number | FromNow | WholeDay | undefined }): void {
  const given = constraintFlagsIn(flags);
  const { from, to, classes, until, "not-before": notBefore } = flags;
  if (flags["lift-constraint"] && given.length > 1) {
    throw badUsage(`--lift-constraint narrows nothing: leave --${given[0]!} out`);
  }
  if (from !== undefined && to !== undefined && from > to) throw badUsage("--from is after --to: nothing lies between");
  if (classes.includes("NONE") && classes.length > 1) throw badUsage("--classes NONE stands alone");
  if (notBefore !== undefined && typeof until === "number" && notBefore >= until) {
    throw badUsage("--not-before isn't before --until: nothing could ever be seen");
  }
}

/**
 * What the flags say, with whole digests.
 *
 * @throws RECORD_UNKNOWN when this vault doesn't hold a named record of that patient, and that steward; RECORD_AMBIGUOUS
 */
export async function readConstraint(
  client: Client,
  flags: Given,
  { patient, steward }: { patient: number; steward: number | undefined },
): Promise<AskedConstraint> {
  if (flags["lift-constraint"]) return null;
  if (constraintFlagsIn(flags).length === 0) return undefined;
  const { from, to, encounter: of, "not-before": notBefore } = flags;
  const classes = SENSITIVITY_CLASSES.filter((name) => flags.classes.includes(name));
  const records: string[] = [];
  for (const each of flags.records) records.push(await recordOf(client, each, patient, steward));
  return {
    ...(records.length === 0 ? {} : { records }),
    ...(flags.classes.length === 0 ? {} : { classes }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(of === undefined ? {} : { encounter: of }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

async function recordOf(client: Client, given: string, patient: number, steward?: number): Promise<string> {
  const found = await findRecord(client, given);
  if (found?.patient === patient && (steward === undefined || found.steward === steward)) return found.digest;
  const whose = `${steward === undefined ? "" : ` that provider ${steward} keeps`} of patient ${patient}`;
  throw new ChartChainError("RECORD_UNKNOWN", `this vault holds no record ${short(given)}${whose}`, {
    details: { digest: given, patient, ...(steward === undefined ? {} : { steward }) },
    hint: "Nothing was granted. See what it holds: chartchain record list.",
  });
}

/** What a grant is narrowed to, as a patient would say it; undefined where it isn't spoken of. */
export function constraintInWords(constraint: AskedConstraint): string[] | undefined {
  if (constraint === undefined) return undefined;
  if (constraint === null) return ["nothing any more: what there was is lifted"];
  return narrowingInWords(constraint, {
    time,
    records: (digests) => `${count(digests.length, "record")}: ${digests.map(short).join(" ")}`,
    classes: (classes) => ["of what is sensitive only:", ...inWords(classes, CLASS_WORDS)],
  });
}

/**
 * Writes what narrows a grant, sealed to one of those who have to hold it.
 *
 * @throws what the SDK's `releaseConstraint` throws, FILE_UNWRITABLE
 */
export async function writeConstraint(
  client: Client,
  { steward, ...word }: Omit<ConstrainedWord, "steward"> & { steward: number | undefined },
  to: number,
  output: OutputFile,
): Promise<{ file: string; for: number }> {
  await output.writeJson(
    await client.releaseConstraint({ ...word, ...(steward === undefined ? {} : { steward }), to }),
  );
  return { file: output.path, for: to };
}
