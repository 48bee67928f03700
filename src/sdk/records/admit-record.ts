import { requireVault, type Context } from "../context.js";
import { isDoubt, keepInDoubt } from "./import/doubts.js";
import { admitToChart, whoseAre, type Admission } from "./import/known-people.js";
import { concatBytes } from "../../crypto/index.js";

/** Of a record, as far as it matters here. */
interface Addition {
  patient: number;
  content: Uint8Array | (() => AsyncIterable<Uint8Array>);
  size?: number;
  mediaType?: string;
  override?: string;
  confidential?: boolean;
}

/** Larger records are no FHIR resources that somebody reads: they are not looked into. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A record that may be put into a chart. */
export interface AdmittedRecord extends Admission {
  /**
   * Puts the record onto the worklist where it was this one that `accept` refused: somebody else may have been accepted
   * meanwhile.
   *
   * @returns the error to throw
   */
  keepIfRefused: (error: unknown) => Promise<unknown>;
}

/**
 * Holds what a record says of its patient and that is to be added against what this vault knows of the chart's. Anything but
 * FHIR JSON names nobody. What contradicts the chart goes onto the worklist.
 *
 * @throws CHART_CONTRADICTED with `details.worklistItem`; REASON_MISSING
 */
export async function admitRecord(ctx: Context, input: Addition): Promise<AdmittedRecord> {
  requireVault(ctx);
  const { patient, override, confidential = false, mediaType = "application/fhir+json", size = 0 } = input;
  const isFhir = /^application\/(fhir\+)?json\b/.test(mediaType) && size <= MAX_BYTES;
  const read = async () => (isFhir ? wholeOf(input.content) : new Uint8Array());
  let refusal: unknown;
  const keep = async (error: unknown): Promise<unknown> =>
    isDoubt(error) ? keepInDoubt(ctx, { patient, confidential, content: await read() }, error) : error;
  try {
    const admission = await admitToChart(ctx, { patient, whose: whoseAre(await read()), override });
    return {
      ...admission,
      accept: (record) => {
        try {
          admission.accept(record);
        } catch (error) {
          refusal = error;
          throw error;
        }
      },
      keepIfRefused: async (error) => (error !== undefined && error === refusal ? keep(error) : error),
    };
  } catch (error) {
    throw await keep(error);
  }
}

async function wholeOf(content: Addition["content"]): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content()) {
    // What says to be smaller than it is fails when it is sealed.
    if ((size += chunk.length) > MAX_BYTES) return new Uint8Array();
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}
