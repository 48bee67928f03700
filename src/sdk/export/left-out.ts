import type { OperationOutcome } from "@medplum/fhirtypes";

import { isChartChainError, type ChartChainError, type ErrorCode } from "../../errors/index.js";
import type { RetractedRecord } from "../records/retraction/list-retractions.js";
import type { Gathered } from "./gather.js";
import type { MadeResource } from "./made-resource.js";
import type { LeftOut } from "./manifest.js";
import { namedUrn } from "./named-urn.js";
import { LIMITS } from "./sentences.js";

/** What is wrong with one record, and not with all: it is named, and the others are written. */
const OF_ONE_RECORD: readonly ErrorCode[] = [
  ...(["RECORD_UNKNOWN", "RECORD_SHREDDED", "KEY_MISSING", "RECORD_NOT_BY_STEWARD", "RECORD_NOT_ANCHORED"] as const),
  ...(["AUTHOR_UNPROVEN", "RECORD_RETRACTED", "CONSENT_DENIED", "OUTSIDE_TERMS", "BLOCK_MISSING"] as const),
  ...(["BLOCK_CORRUPT", "BLOCK_TOO_LARGE", "CIPHERTEXT_REFUSED", "DAG_INVALID", "DAG_TOO_DEEP"] as const),
  ...(["ENVELOPE_REFUSED", "ENVELOPE_MALFORMED", "MANIFEST_MALFORMED", "MANIFEST_MISMATCH", "VAULT_CORRUPT"] as const),
  ...(["KEY_COMMITMENT_MISMATCH", "COMPARTMENT_MISMATCH", "PADDING_INVALID", "SIZE_MISMATCH"] as const),
  ...(["INVALID_RANGE", "INVALID_CID", "RANGE_OUT_OF_BOUNDS"] as const),
];

/** The error, where it is of one record alone. */
export const ofOneRecord = (error: unknown): ChartChainError | undefined =>
  OF_ONE_RECORD.some((code) => isChartChainError(error, code)) ? (error as ChartChainError) : undefined;

/**
 * What the history has and this vault hasn't, as far as that can be told.
 *
 * @param tried the digests of the records that are opened, each of which is named by itself where that fails
 */
export function leftOutOf(
  { history, anchors }: Gathered,
  retractions: readonly RetractedRecord[],
  tried: ReadonlySet<string>,
): LeftOut[] {
  const byDigest = new Map(anchors.map((anchor) => [anchor.digest, anchor]));
  const anchorOf = (digest: string) => {
    const anchor = byDigest.get(digest);
    return anchor === undefined ? {} : { author: anchor.author, from: anchor.index, to: anchor.index };
  };
  const undelivered = history.missing.map((digest): LeftOut => ({
    ...{ what: "record", code: "RECORD_UNKNOWN", digest, ...anchorOf(digest) },
    why: "it is anchored, and was never delivered to this vault",
    fix: "Ask its author for a delivery.",
  }));
  const shredded = history.shredded.map((digest): LeftOut => ({
    ...{ what: "record", code: "RECORD_SHREDDED", digest, ...anchorOf(digest) },
    why: "this vault shredded its key",
  }));
  const retracted = retractions.flatMap(({ record, author, statement }): LeftOut[] =>
    record === undefined
      ? []
      : [
          {
            ...{ what: "record", code: "RECORD_RETRACTED", digest: record, ...anchorOf(record), author },
            why: `its author retracted it${statement === undefined ? "" : `: ${statement.reason}`}`,
          },
        ],
  );
  const withheld = history.withheld.map(({ author, from, to }): LeftOut => ({
    ...{ what: "places", code: "RECORD_UNKNOWN", author, from, to },
    why: "their author handed over no list of what stands there",
    fix: "Ask the author for a delivery; dummies may be among them.",
  }));
  const named = new Set([...tried, ...undelivered.map(({ digest }) => digest)]);
  const withheldFrom = new Set(withheld.map(({ from }) => from));
  const unproved = history.unproved
    .filter(({ digest, from }) => !named.has(digest) && !withheldFrom.has(from))
    .map(({ author, from, to }): LeftOut => ({
      ...{ what: "places", code: "AUTHOR_UNPROVEN", author, from, to },
      why: "nothing but a node's word says that this author anchored them: its signature never came",
      fix: "Ask the author for a delivery.",
    }));
  return [...undelivered, ...shredded, ...retracted, ...withheld, ...unproved];
}

/** One thing that is left out, in a sentence. */
export function leftOutInWords({ what, code, why, digest, author, from, to }: LeftOut, { nameOf }: Gathered): string {
  const place = from === undefined ? "" : from === to ? `, place ${from}` : `s ${from} to ${to}`;
  const named =
    what === "record"
      ? `Record ${digest}${place}`
      : what === "places"
        ? `Place${from === to ? ` ${from}` : place} of the history`
        : "The patient summary";
  return `${named}${author === undefined ? "" : `, by ${nameOf(author)}`}: ${why} (${code}).`;
}

/** What is left out, and what no export can say, as an OperationOutcome: who reads the Bundle alone is told, too. */
export function outcomeOf(gathered: Gathered, leftOut: readonly LeftOut[]): MadeResource {
  const resource: OperationOutcome = {
    resourceType: "OperationOutcome",
    issue: [
      ...leftOut.map((each) => ({
        severity: "warning" as const,
        code: "incomplete" as const,
        diagnostics: leftOutInWords(each, gathered),
      })),
      ...LIMITS.map((limit) => ({
        severity: "information" as const,
        code: "informational" as const,
        diagnostics: limit,
      })),
    ],
  };
  return { fullUrl: namedUrn("outcome", gathered.patient, gathered.block.number), resource };
}
