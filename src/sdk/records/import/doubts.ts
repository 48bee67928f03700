import { ChartChainError, isChartChainError, type ErrorCode } from "../../../errors/index.js";
import { documentsOfText, type FhirDocument, type ParsedFhir } from "../../../fhir/index.js";
import { currentTime, requireVault, type Context } from "../../context.js";
import { hexlify } from "ethers";
import { sha256 } from "../../../crypto/index.js";

/** Codes of the refusals that mean a doubt about whose data it is: a person can end it. */
export const DOUBTS: ReadonlySet<string> = new Set<ErrorCode>([
  "NO_PATIENT",
  "MULTIPLE_PATIENTS",
  "FOREIGN_PATIENT",
  "CHART_CONTRADICTED",
  "NO_CHART",
]);

/** Stands in the list where a record waits for a person's word on whether it is sensitive. */
export const SENSITIVITY_IN_DOUBT = "SENSITIVITY_IN_DOUBT";

/** Stands in the list for what was split off and leaves no doubt but where it belongs. */
export const SPLIT_OFF = "SPLIT_OFF";

/** An input as a person sees it who has decided that the whole of it is about one patient: nobody asks who that is. */
export const asOnePatients = (content: Uint8Array, name: string): ParsedFhir => ({
  file: name,
  ...documentIn(content, name),
  patient: { reference: "Patient", names: [] },
});

/** The resources of an input: of JSON, or of all lines of NDJSON. */
export function documentIn(content: Uint8Array, name: string): FhirDocument {
  const documents = [...documentsOfText(content, name)].map(({ document }) => document);
  return documents.length === 1 ? documents[0]! : { entries: documents.flatMap(({ entries }) => entries) };
}

/** An input that was refused in doubt. */
export interface DoubtfulInput {
  /** The chart that it was meant for. */
  patient?: number;
  /** Where it came from; sealed. */
  file?: string;
  /** Care that a minor consented to alone: so is all of it, whoever says whose it is. */
  confidential?: boolean;
  content: Uint8Array;
}

/** Whether a refusal is a doubt that a person can end. */
export const isDoubt = (error: unknown): error is ChartChainError => isChartChainError(error) && DOUBTS.has(error.code);

/**
 * Puts an input that was refused in doubt onto the worklist.
 *
 * @param error why it was refused
 * @returns the error to throw: the same, which also says where the input waits
 */
export async function keepInDoubt(
  ctx: Context,
  input: DoubtfulInput,
  error: ChartChainError,
): Promise<ChartChainError> {
  const { code, message, details, cause } = error;
  try {
    const item = await putOnWorklist(ctx, input, code, placesIn(details));
    return new ChartChainError(code, message, {
      details: { ...details, worklistItem: item },
      hint: `It waits on the worklist as item ${item}, sealed, until somebody says what it is.`,
      cause,
    });
  } catch (full) {
    if (!isChartChainError(full, "WORKLIST_FULL")) throw full;
    return new ChartChainError(code, message, {
      details: { ...details, worklist: full.details },
      hint: `${error.hint ?? ""} It has no room on the worklist: keep the file.`.trim(),
      cause: full,
    });
  }
}

/** Puts an input, or a record of a chart, onto the worklist. The same one for the same chart is there once. */
export async function putOnWorklist(
  ctx: Context,
  { patient, file, confidential = false, content }: DoubtfulInput,
  why: string,
  places: string[],
  more: { record?: string } = {},
): Promise<number> {
  const same = more.record ?? digestOfContent(content);
  return requireVault(ctx).worklist.put({
    key: `${why}/${patient ?? 0}/${same}${confidential ? "/confidential" : ""}`,
    code: why,
    at: await currentTime(ctx),
    about: {
      ...(patient === undefined ? {} : { patient }),
      ...(file === undefined ? {} : { file }),
      ...(confidential ? { confidential } : {}),
      places,
      ...more,
    },
    content,
  });
}

/** In the log of decisions: a person threw an input away. */
export const DISCARDED = "discard";

/** Digests of the inputs that a person threw away, as {@link digestOfContent} gives them. */
export const discardedInputs = (ctx: Context): ReadonlySet<string> =>
  new Set(
    requireVault(ctx)
      .decisions.list()
      .flatMap(({ kind, about }) => (kind === DISCARDED ? [about["digest"] as string] : [])),
  );

/** By what an input is known again: its SHA-256 in hexadecimal. */
export const digestOfContent = (content: Uint8Array): string => hexlify(sha256(content)).slice(2);

/** The places that a refusal names; elements of Patient where the chart contradicts. No value is among them. */
function placesIn({ place, places, differs }: Record<string, unknown>): string[] {
  const named = [place, places, differs].flat();
  return named.filter((one): one is string => typeof one === "string");
}
