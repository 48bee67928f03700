import { ChartChainError } from "../../errors/index.js";
import type { Client, Context, OpenedRecord, Purpose } from "../../sdk/index.js";
import type { ReadingLimit } from "./reading-limit.js";

/** What the tools have of a client: no action that writes to the chain, gives anything away or takes anything in. */
export type ReadingClient = Context &
  Pick<Client, "ownId" | "describeParticipant" | "accessOf" | "listRecords" | "openRecordAsStream">;

/** Who reads through the tools, and within what. */
export interface Viewer {
  client: ReadingClient;
  /** The participant. */
  id: number;
  /** What every record is opened for. Whoever runs the tools says so, not the agent. */
  purpose: Purpose;
  limit: ReadingLimit;
  /** How many bytes the JSON of an answer may have. */
  maxBytes: number;
}

/** A record of more bytes isn't read into memory. */
const LARGEST = 8 * 1024 * 1024;

/** A record that was opened; of one larger than is read here only what its manifest says. */
export type Opened = Pick<OpenedRecord, "manifest"> & { content: Uint8Array | undefined };

/**
 * Opens a record as any reader does: the chain is asked, history and author are verified, every block is hashed.
 *
 * @param most how many bytes of content are read
 * @throws AGENT_LIMIT_REACHED, AGENT_OWN_RECORD, and what `openRecord` throws
 */
export async function openAs({ client, id, purpose, limit }: Viewer, digest: string, most = LARGEST): Promise<Opened> {
  limit.require(digest);
  const { manifest, stream } = await client.openRecordAsStream({ digest, purpose });
  const isOwn = manifest.patient === id || manifest.steward === id;
  const content = await collect(stream, isOwn || manifest.size > most ? 0 : most);
  if (isOwn) throw ownRecord(digest);
  limit.note(digest);
  return { manifest, content };
}

/** Reads at most so many bytes; undefined where there are more. Leaving the stream wipes the record's key. */
async function collect(stream: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const ownRecord = (digest: string): ChartChainError =>
  new ChartChainError("AGENT_OWN_RECORD", "the record is about this participant, or kept by it", {
    details: { digest },
    hint: "Register the agent as a participant of its own and grant it what it may read: a grant ends and can be revoked.",
  });
