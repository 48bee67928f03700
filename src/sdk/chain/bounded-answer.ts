import { concatBytes } from "@noble/hashes/utils.js";
import { makeError, type FetchCancelSignal, type FetchRequest, type GetUrlResponse } from "ethers";

/**
 * Sends a request as ethers does, and reads no more of its answer than `most` bytes. A longer one is left in the middle, so that
 * whoever asked can ask for less: memory doesn't follow what a node sends.
 *
 * Over `fetch`, which hands an answer over in pieces on every platform: ethers copies all that it has with each piece that comes.
 *
 * @throws ethers' SERVER_ERROR, in the words of nodes that refuse for the same reason; TIMEOUT; whatever `fetch` throws
 */
export async function sendBounded(
  request: FetchRequest,
  most: number,
  signal: FetchCancelSignal | undefined,
): Promise<GetUrlResponse> {
  const { url, method, body, headers, timeout } = request;
  const controller = new AbortController();
  signal?.addListener(() => controller.abort());
  const late = makeError("request timeout", "TIMEOUT", { operation: "request.send", reason: "timeout", request });
  const timer = setTimeout(() => controller.abort(late), timeout);
  try {
    const response = await fetch(url, {
      ...{ method, headers, signal: controller.signal },
      ...(body === null ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
    const { status, statusText } = response;
    return {
      statusCode: status,
      statusMessage: statusText,
      headers: Object.fromEntries(response.headers),
      body: await bodyOf(response, most, request),
    };
  } finally {
    clearTimeout(timer);
  }
}

async function bodyOf(response: Response, most: number, request: FetchRequest): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Not every browser iterates over a stream.
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    const piece = next.value as Uint8Array;
    size += piece.length;
    if (size > most) {
      await reader?.cancel();
      throw makeError(`response size exceeds ${most} bytes`, "SERVER_ERROR", { request });
    }
    pieces.push(piece);
  }
  return concatBytes(...pieces);
}
