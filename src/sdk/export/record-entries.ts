import { hexlify } from "ethers";
import type { DocumentReference, Provenance } from "@medplum/fhirtypes";

import { concatBytes, type Manifest } from "../../crypto/index.js";
import { isChartChainError } from "../../errors/index.js";
import {
  buildProvenance,
  categoryCoding,
  DEFAULT_MAX_BYTES,
  inScope,
  readFhirJson,
  type FhirDocument,
  type ScopedEntry,
} from "../../fhir/index.js";
import type { Context } from "../context.js";
import { openRecordAsStream } from "../records/open-record.js";
import { anchorWithin } from "../records/verified-history.js";
import { CATEGORIES, classesIn, type Category } from "../vocabulary.js";
import { classCoding, partyIn, recordIdentifier } from "./consents.js";
import type { Gathered } from "./gather.js";
import { instant, type MadeResource } from "./made-resource.js";
import { namedUrn } from "./named-urn.js";
import { timeInWords } from "./sentences.js";
import { ExportWriter, type ExportedFile, type ExportSink } from "./sink.js";

/** A record that was opened and verified, as an export holds it. */
export interface ExportedRecord {
  digest: string;
  steward: number;
  category: Category;
  /** In seconds since 1970. */
  createdAt: number;
  /** Its place in the patient's history, from 1. */
  index: number;
  block: number;
  /** Its resources; for what isn't FHIR a DocumentReference alone. */
  entries: readonly ScopedEntry[];
  provenance: MadeResource;
  /** A file of its own, for what isn't FHIR. */
  document: ExportedFile | undefined;
  /** FHIR's bytes, for the patient summary. */
  bytes: Uint8Array | undefined;
  /** The Bundle is a document, so that it stays whole. */
  isDocument: boolean;
}

/**
 * Opens a record, which verifies it, and makes of it what an export holds. What isn't FHIR goes into a file of its own while
 * it is opened, and that file goes again where it fails on the way.
 *
 * @throws what {@link openRecordAsStream} throws
 */
export async function recordEntries(
  ctx: Context,
  gathered: Gathered,
  sink: ExportSink,
  digest: string,
): Promise<ExportedRecord> {
  const { manifest, stream } = await openRecordAsStream(ctx, { digest });
  const about = {
    ...{ digest, steward: manifest.steward, category: CATEGORIES[manifest.category]!, createdAt: manifest.createdAt },
    ...placeOf(ctx, gathered, digest, manifest),
  };
  const whole = isFhir(manifest) ? await collected(stream) : undefined;
  const fhir = whole === undefined ? undefined : fhirIn(whole);
  if (whole === undefined || fhir === undefined) {
    const content = whole === undefined ? stream : once(whole);
    const document = await writeDocument(sink, digest, manifest.mediaType, content);
    const entry = documentEntry(ctx, gathered, about, manifest, document);
    const provenance = provenanceOf(ctx, gathered, about, manifest, [entry]);
    return { ...about, entries: [entry], provenance, document, bytes: undefined, isDocument: false };
  }
  const isDocument = fhir.bundle?.type === "document" || fhir.bundle?.type === "message";
  const entries = isDocument ? [wholeBundle(fhir, digest)] : inScope(fhir.entries, scopeOf(manifest.steward), digest);
  const provenance = provenanceOf(ctx, gathered, about, manifest, entries);
  return { ...about, entries, provenance, document: undefined, bytes: whole, isDocument };
}

/** What is larger than any input may be is no longer looked into. */
const isFhir = ({ mediaType, size }: Manifest): boolean =>
  /^application\/(fhir\+)?json\b/.test(mediaType) && size <= DEFAULT_MAX_BYTES;

/** Where it was anchored, which opening has just found. */
function placeOf(ctx: Context, { history }: Gathered, digest: string, { patient, author }: Manifest) {
  const anchor = anchorWithin(ctx, Number.MAX_SAFE_INTEGER, { patient, author, digest });
  return { index: anchor?.index ?? 0, block: anchor?.block ?? history.block };
}

/** No source's names are another's: `.invalid` leads nowhere (RFC 2606), so nobody fetches anything by them. */
const scopeOf = (steward: number) => ({
  base: `https://participant-${steward}.chartchain.invalid`,
  uuidOf: (name: string) => namedUrn("source", steward, name),
});

async function collected(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return concatBytes(...chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What calls itself FHIR and isn't is kept as it is. */
function fhirIn(bytes: Uint8Array): FhirDocument | undefined {
  try {
    return readFhirJson(bytes, "record");
  } catch (error) {
    if (isChartChainError(error)) return undefined;
    throw error;
  }
}

function wholeBundle({ bundle, text }: FhirDocument, digest: string): ScopedEntry {
  return { fullUrl: namedUrn("document", digest), resource: bundle!, json: text! };
}

/** Of what a person opens by a click; anything else might run. */
const ENDINGS: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "image/png": "png",
  "image/jpeg": "jpg",
  "text/plain": "txt",
  "application/dicom": "dcm",
};

async function writeDocument(
  sink: ExportSink,
  digest: string,
  mediaType: string,
  stream: AsyncIterable<Uint8Array>,
): Promise<ExportedFile> {
  const ending = Object.hasOwn(ENDINGS, mediaType) ? ENDINGS[mediaType]! : "bin";
  const file = await ExportWriter.create(sink, `document-${digest.slice(2)}.${ending}`, mediaType);
  try {
    for await (const chunk of stream) await file.write(chunk);
  } catch (error) {
    await file.discard();
    throw error;
  }
  return file.finish();
}

type About = Pick<ExportedRecord, "digest" | "steward" | "category" | "createdAt" | "index" | "block">;

/** What isn't FHIR stands in the Bundle as a DocumentReference; its `url` is the file beside the Bundle. */
function documentEntry(
  ctx: Context,
  gathered: Gathered,
  { digest, steward, category, createdAt }: About,
  manifest: Manifest,
  { name, mediaType, bytes }: ExportedFile,
): ScopedEntry {
  const party = partyIn(ctx, gathered);
  const resource: DocumentReference = {
    resourceType: "DocumentReference",
    identifier: [recordIdentifier(digest)],
    status: "current",
    category: [{ coding: [categoryCoding(category)] }],
    subject: party(manifest.patient),
    date: instant(createdAt),
    author: [party(manifest.author)],
    custodian: party(steward),
    content: [{ attachment: { contentType: mediaType, url: name, size: Math.min(bytes, 2 ** 31 - 1) } }],
  };
  return { fullUrl: namedUrn("document", digest), resource, json: JSON.stringify(resource) };
}

function provenanceOf(
  ctx: Context,
  gathered: Gathered,
  about: About,
  manifest: Manifest,
  entries: readonly ScopedEntry[],
): MadeResource {
  const { digest, steward, category, createdAt, index, block } = about;
  const party = partyIn(ctx, gathered);
  const { amends, disputes } = manifest;
  const provenance: Provenance = buildProvenance({
    targets: entries.map(({ fullUrl }) => ({ reference: fullUrl })),
    recorded: instant(createdAt),
    author: party(manifest.author),
    custodian: party(steward),
    ...(amends === undefined ? {} : { amends: recordIdentifier(hexlify(amends)) }),
  });
  const labels = classesIn(manifest.classes).flatMap(classCoding);
  const { chainId } = ctx.deployment;
  const resource: Provenance = {
    ...provenance,
    meta: { tag: [categoryCoding(category)], ...(labels.length === 0 ? {} : { security: labels }) },
    entity: [
      ...(provenance.entity ?? []),
      ...(disputes === undefined
        ? []
        : [
            {
              role: "derivation" as const,
              what: { identifier: recordIdentifier(hexlify(disputes)), display: "the record that this one disputes" },
            },
          ]),
      {
        role: "source",
        what: {
          identifier: recordIdentifier(digest),
          display: `the sealed record: its digest is anchored at place ${index} of the patient's history, in block ${block} of chain ${chainId}, and its content was verified against it when it was written here (${timeInWords(gathered.block.time)})`,
        },
      },
    ],
  };
  return { fullUrl: namedUrn("provenance", digest), resource };
}
