import { decodeEnvelope } from "../../crypto/index.js";
import { type ErrorCode, isChartChainError } from "../../errors/index.js";
import { requireVault, type Context } from "../context.js";
import { fromBase64 } from "../handover/file.js";
import { ownKeyDocument } from "../people/exchange-key-documents.js";
import type { DeliveryFile } from "../release/deliver.js";
import { takeDelivery, type TakenDelivery } from "../release/take-delivery.js";
import type { Purpose } from "../vocabulary.js";
import { askFor, askJson, gatekeeperAt, wrongAnswer } from "./ask.js";
import { signInAt, type SignedIn } from "./sign-in.js";

/** Where to ask for what is new. */
export interface SyncInput {
  /** Addresses of gatekeepers, such as `https://gatekeeper.example`. */
  gatekeepers: readonly string[];
  /** What to sign in for (default: TREAT). Deliveries come for every purpose. */
  purpose?: Purpose;
  /** Whether the sealed records come into this client's own store as well (default: if it has one). */
  records?: boolean;
}

/** Something that was left out, and why. */
export interface NotTaken {
  /** The code of the error; undefined where something else than this library threw. */
  code: ErrorCode | undefined;
  reason: string;
  /** The record's CID, where its sealed bytes didn't come; else a delivery is meant. */
  cid?: string;
}

/** What one gatekeeper had. */
export interface Synced {
  gatekeeper: string;
  /** What each delivery brought, in the order that they were made. */
  deliveries: TakenDelivery[];
  /** How many sealed records' files came into this client's store. */
  packs: number;
  /** What was left out. What may be right later comes again with the next call. */
  refused: NotTaken[];
  /** How much the gatekeeper has for this participant that isn't ready: a grant that isn't final, a key to be confirmed. */
  waiting: number;
  /** Why no more came from this gatekeeper; undefined where everything did. */
  stopped: NotTaken | undefined;
}

/** A page of what a gatekeeper has. */
interface Page {
  files: unknown[];
  next: string;
  more: boolean;
  waiting: number;
}

/** So many pages are read at a time: no gatekeeper keeps a client busy for ever. */
const MOST_PAGES = 10_000;
/** Longer names no place, in characters. */
const LONGEST_CURSOR = 200;

/**
 * Fetches from gatekeepers what is new for this participant, verifies it, and takes it: keys, envelopes, lists, retractions and
 * constraints, in the files that travel without gatekeepers, too. With a store of its own the client gets the sealed records as well.
 *
 * Each gatekeeper stands for itself: one that is down, or lies, stops no other one. How far each was read is kept in the vault; what
 * can't be judged now, for want of a node's answer or a block, comes again with the next call.
 *
 * @throws GATEKEEPER_URL_INVALID before anything is asked; VAULT_MISSING, SIGNER_MISSING
 *
 * @example
 * for (const { gatekeeper, deliveries, stopped } of await client.sync({ gatekeepers: ["https://gatekeeper.example"] }))
 *   console.log(gatekeeper, deliveries.length, stopped?.reason);
 */
export async function sync(ctx: Context, input: SyncInput): Promise<Synced[]> {
  requireVault(ctx);
  const { purpose = "TREAT", records = ctx.store !== undefined } = input;
  const gatekeepers = [...new Set(input.gatekeepers.map(gatekeeperAt))];
  const inTurn = oneAfterTheOther();
  return Promise.all(
    gatekeepers.map(async (gatekeeper) => {
      const synced: Synced = { gatekeeper, deliveries: [], packs: 0, refused: [], waiting: 0, stopped: undefined };
      try {
        await readAll(ctx, { gatekeeper, purpose, records }, synced, inTurn);
      } catch (error) {
        synced.stopped = notTaken(error);
      }
      return synced;
    }),
  );
}

async function readAll(
  ctx: Context,
  { gatekeeper, purpose, records }: { gatekeeper: string; purpose: Purpose; records: boolean },
  synced: Synced,
  inTurn: InTurn,
): Promise<void> {
  const { settings } = requireVault(ctx);
  const signedIn = await inTurn(() => signInAt(ctx, { gatekeeper, purpose }));
  await introduce(ctx, signedIn, synced);
  const name = `synced:${gatekeeper}`;
  const kept = settings.get(name);
  let after = typeof kept === "string" ? kept : "";
  let isWhole = true;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const { files, next, more, waiting } = await pageAfter(signedIn, after);
    synced.waiting = waiting;
    for (const file of files) {
      const isThrough = await inTurn(() => takeOne(ctx, file, synced));
      const isHere = !records || (await fetchRecords(ctx, signedIn, file, synced));
      isWhole &&= isThrough && isHere;
    }
    after = next;
    // What has to come again begins with the first that has to.
    if (isWhole) settings.set(name, after);
    if (!more) return;
  }
}

/** Whoever is to seal something to this participant needs its key document. */
async function introduce(ctx: Context, { gatekeeper, token }: SignedIn, synced: Synced): Promise<void> {
  try {
    const body = await ownKeyDocument(ctx);
    await askJson(gatekeeper, "/deliveries", { method: "POST", body, token });
  } catch (error) {
    // What is there for who is known already comes all the same.
    synced.refused.push(notTaken(error));
  }
}

async function pageAfter({ gatekeeper, token }: SignedIn, after: string): Promise<Page> {
  const query = after === "" ? "" : `?after=${encodeURIComponent(after)}`;
  const { files, next, more, waiting } = await askJson(gatekeeper, `/deliveries${query}`, { token });
  const isPage =
    Array.isArray(files) &&
    typeof next === "string" &&
    next.length <= LONGEST_CURSOR &&
    typeof more === "boolean" &&
    Number.isSafeInteger(waiting);
  if (!isPage) throw wrongAnswer(gatekeeper, "it is no page of deliveries");
  if (more && (files.length === 0 || next === after)) throw wrongAnswer(gatekeeper, "its pages don't end");
  return { files, next, more, waiting: waiting as number };
}

/** Takes one file. Returns whether it is dealt with: what can't be judged now isn't. */
async function takeOne(ctx: Context, file: unknown, synced: Synced): Promise<boolean> {
  try {
    const taken = await takeDelivery(ctx, { file });
    synced.deliveries.push(taken);
    const refused = taken.envelopes.flatMap(({ refused = [] }) => refused);
    return !refused.some(({ code }) => MAY_PASS.includes(code));
  } catch (error) {
    const left = notTaken(error);
    synced.refused.push(left);
    return left.code !== undefined && !MAY_PASS.includes(left.code);
  }
}

/**
 * What this client's own node may see otherwise in a moment. A gatekeeper hands out nothing that isn't allowed by what it sees: a
 * denial means that this client's node is behind, or was asked a block too early.
 */
const MAY_PASS: readonly ErrorCode[] = [
  ...(["CHAIN_UNREACHABLE", "RATE_LIMITED", "NODE_BEHIND", "NODES_DISAGREE", "NODES_BEHIND", "NODES_MISSING"] as const),
  ...(["CONSENT_DENIED", "CONSTRAINT_STALE", "RECORD_NOT_ANCHORED"] as const),
];

/** Fetches the sealed records that a delivery tells of and that this client's store lacks. Returns whether all are there. */
async function fetchRecords(ctx: Context, signedIn: SignedIn, file: unknown, synced: Synced): Promise<boolean> {
  const { store } = ctx;
  if (store === undefined) return true;
  let isWhole = true;
  for (const cid of new Set(packsOf(ctx, file))) {
    try {
      if (await store.has(cid)) continue;
      const { gatekeeper, token } = signedIn;
      const response = await askFor(gatekeeper, `/ipfs/${cid}?format=car`, { token, accept: CAR });
      await store.importCar(chunksOf(response));
      synced.packs++;
    } catch (error) {
      synced.refused.push({ ...notTaken(error), cid });
      // What a gatekeeper says no to it won't have the next time.
      isWhole &&= isChartChainError(error, "GATEKEEPER_REFUSED");
    }
  }
  return isWhole;
}

/** Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/ */
const CAR = "application/vnd.ipld.car;version=1;order=dfs;dups=n";

/** Where the records lie whose envelopes a file holds, as far as this vault could open them. */
function packsOf(ctx: Context, file: unknown): string[] {
  const { envelopes } = requireVault(ctx);
  const { envelopes: files = [], records } = file as Partial<DeliveryFile>;
  return [...files, ...(records?.envelopes ?? [])].flatMap(({ envelopes: encoded = [] }) =>
    encoded.flatMap((each) => {
      try {
        return envelopes.get(decodeEnvelope(fromBase64(each)).digest)?.metadata?.cid ?? [];
      } catch {
        // It was named as refused when it was taken.
        return [];
      }
    }),
  );
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  // Not every browser iterates over a stream.
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** A vault takes one file at a time, whoever it came from, and a wallet asks its person one question at a time. */
function oneAfterTheOther(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

function notTaken(error: unknown): NotTaken {
  if (isChartChainError(error)) return { code: error.code, reason: error.message };
  return { code: undefined, reason: error instanceof Error ? error.message : String(error) };
}
