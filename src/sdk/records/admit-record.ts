import { requireVault, type Context } from "../context.js";
import { isDoubt, keepInDoubt } from "./doubts.js";
import { admitToChart, whoseAre, type Admission } from "./known-people.js";

/** Of a record, as far as it matters here. */
interface Addition {
  patient: number;
  content: Uint8Array | (() => AsyncIterable<Uint8Array>);
  size?: number;
  mediaType?: string;
  override?: string;
}

/** Larger records are no FHIR resources that somebody reads: they are not looked into. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Holds what a record says of its patient and that is to be added against what this vault knows of the chart's, and has it added.
 * Anything but FHIR JSON names nobody. What contradicts the chart goes onto the worklist, also where `add` finds that out: somebody
 * else may have been accepted meanwhile.
 *
 * @param add adds the record, and accepts it where it keeps it
 * @throws CHART_CONTRADICTED with `details.worklistItem`; REASON_MISSING; what `add` throws
 */
export async function admitRecord<T>(
  ctx: Context,
  input: Addition,
  add: (admission: Admission) => Promise<T>,
): Promise<T> {
  requireVault(ctx);
  const { patient, override, mediaType = "application/fhir+json", size = 0 } = input;
  const isFhir = /^application\/(fhir\+)?json\b/.test(mediaType) && size <= MAX_BYTES;
  const read = async () => (isFhir ? wholeOf(input.content) : new Uint8Array());
  try {
    return await add(await admitToChart(ctx, { patient, whose: whoseAre(await read()), override }));
  } catch (error) {
    throw isDoubt(error) ? await keepInDoubt(ctx, { patient, content: await read() }, error) : error;
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
  return new Uint8Array(Buffer.concat(chunks));
}
