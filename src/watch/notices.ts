import { isChartChainError, type ChartChainError } from "../errors/index.js";
import { type Client, currentTime, ownId, sleep } from "../sdk/index.js";
import {
  partOfIt,
  requireBeginning,
  requireConsumer,
  requireInterval,
  requireParticipants,
  requireSpan,
} from "./arguments.js";
import { type ChainIndex, indexOf } from "./chain-index.js";
import { endsOf } from "./ends.js";
import { idOf, type Notice, noticeOf } from "./notice-of.js";

/** Something ends soon: a notice of the clock, not of an event. */
export interface Expiring {
  /** The same for the same end. */
  id: string;
  kind: "expiring";
  what: "grant" | "relationship" | "licence";
  /** The other side: the viewer of a grant, the provider of a relationship; the institution itself for a licence. */
  participant: number;
  /** When it ends, in seconds since 1970. */
  until: number;
}

type Handler<Told> = (notice: Told) => void | Promise<void>;

/** Whoever wants to be told. A notice counts as told once its handler, or the promise that it returns, is through. */
export interface NoticeHandlers {
  onProposal?: Handler<Notice<"proposal">>;
  onRelationship?: Handler<Notice<"relationship">>;
  onRecord?: Handler<Notice<"record">>;
  onGrant?: Handler<Notice<"grant">>;
  onRevocation?: Handler<Notice<"revocation">>;
  onEmergency?: Handler<Notice<"emergency">>;
  onReview?: Handler<Notice<"review">>;
  onRecovery?: Handler<Notice<"recovery">>;
  onAccount?: Handler<Notice<"account">>;
  onDelegate?: Handler<Notice<"delegate">>;
  onLicence?: Handler<Notice<"licence">>;
  /** Told once for each end; of one that watches about everybody, those of the client's own participant. */
  onExpiring?: Handler<Expiring>;
  /** A notice that was told is of a block that a reorganisation replaced. What happened again is told again, by another id. */
  onUndone?: Handler<{ id: string }>;
  /** The node can't answer now; it is asked again. */
  onTrouble?: (error: ChartChainError) => void;
}

/** How to watch. */
export interface WatchOptions {
  /**
   * Whom about, one or more; the client's own participant when left out. `"everybody"`: whatever happens, by an index of the
   * whole deployment.
   */
  about?: readonly number[] | "everybody";
  /** By this name the index remembers what was told (default: `"notices"`). One watches by it at a time. */
  consumer?: string;
  /**
   * Where a consumer begins that the index doesn't know yet: with what comes now, with the deployment, or with a block, by its
   * number (default: `"now"`). One that is known goes on where it was.
   */
  from?: "now" | "deployment" | number;
  /** How long before its end something is expiring, in seconds (default: 14 days). */
  expiringWithin?: number;
  /** How often the node is asked, in milliseconds (default: 4,000; at least 100). */
  interval?: number;
}

/** Notices that are being told. */
export interface Watching extends AsyncDisposable {
  /** Tells everything up to the node's newest block, and resolves then. After the end it is as {@link done}. */
  once: () => Promise<void>;
  /** Resolves after {@link stop}; rejects with what a handler threw, or with an error that asking again won't mend. */
  readonly done: Promise<void>;
  /** Stops after the notice that is being told. A handler that waits for it waits for itself. */
  stop: () => Promise<void>;
}

const FORTNIGHT = 14 * 24 * 60 * 60;
/** So often the clock is looked at where nothing happens, in milliseconds. */
const QUARTER_OF_AN_HOUR = 15 * 60 * 1_000;
const MOST = 500;

/** Errors that may pass. */
const PASSING = ["CHAIN_UNREACHABLE", "RATE_LIMITED", "NODE_BEHIND"] as const;

/**
 * Tells what happens, as it happens: at least once each, in the chain's order. What was told is remembered by the client's
 * index, so that a program that was ended, or killed, goes on where it was: the notice that was being told is told again.
 *
 * Notices are of the chain's head. One of a block that is replaced is followed by `onUndone`.
 *
 * What a consumer has no handler for counts as told: a handler that is added later isn't told of what was before. Whoever wants
 * that begins as another consumer, with `from`.
 *
 * @param client made with an index as its `events`
 * @throws INDEX_MISSING; NOT_REGISTERED when the client belongs to nobody and `about` is left out; ARGUMENT_INVALID
 * @throws WATCH_CONSUMER_IN_USE while another one, by the same index, watches as the same consumer
 *
 * @example
 * await using watching = await watch(client, {
 *   onProposal: ({ provider }) => show(`Institution ${provider} proposes a relationship.`),
 *   onEmergency: ({ responder }) => alert(`Institution ${responder} broke the glass.`),
 * });
 */
export async function watch(client: Client, handlers: NoticeHandlers, options: WatchOptions = {}): Promise<Watching> {
  const { consumer = "notices", from = "now", interval = 4_000, expiringWithin = FORTNIGHT } = options;
  requireConsumer("consumer", consumer);
  requireBeginning("from", from);
  requireInterval("interval", interval);
  requireSpan("expiringWithin", expiringWithin);
  if (options.about !== undefined && options.about !== "everybody") requireParticipants("about", options.about);
  const index = indexOf(client);
  const about = options.about ?? [await ownId(client)];
  // Whoever isn't an institution that keeps an index of everything would be told a part, and not know it.
  if (about === "everybody" && index.state.followed !== undefined) throw partOfIt("about");
  const giveBack = index.consumers.take(consumer);
  try {
    if (about !== "everybody") index.follow(...about);
    if (from === "now") await index.sync();
    index.consumers.begin(consumer, placeOf(from, index, client));
  } catch (error) {
    giveBack();
    throw error;
  }

  let stopped = false;
  let ended = false;
  let running: Promise<void> = Promise.resolve();
  let lookAt = 0;
  const round = async () => {
    const head = await index.sync();
    await tellUndone(index, consumer, handlers);
    const isNew = await tellNew(client, index, { consumer, about, head, isStopped: () => stopped }, handlers);
    // What ends changes with what happens, and with time.
    if (stopped || (!isNew && Date.now() < lookAt)) return;
    await tellExpiring(client, index, { consumer, about, within: expiringWithin }, handlers);
    lookAt = Date.now() + QUARTER_OF_AN_HOUR;
  };
  const next = () => (running = running.catch(() => undefined).then(round));
  const watchOn = async () => {
    while (!stopped) {
      try {
        await next();
      } catch (error) {
        if (!PASSING.some((code) => isChartChainError(error, code))) throw error;
        handlers.onTrouble?.(error as ChartChainError);
      }
      for (let waited = 0; waited < interval && !stopped; waited += 50) await sleep(Math.min(50, interval - waited));
    }
  };
  const done = watchOn().finally(async () => {
    ended = true;
    await running.catch(() => undefined);
    giveBack();
  });
  // Whoever only stops isn't told of it as of something that nobody looked after.
  done.catch(() => undefined);
  const stop = async () => {
    stopped = true;
    await done.catch(() => undefined);
  };
  const once = () => (ended ? done : next());
  return { once, done, stop, [Symbol.asyncDispose]: stop };
}

/** The block after which a new consumer begins. */
function placeOf(from: "now" | "deployment" | number, index: ChainIndex, client: Client): number {
  if (from === "now") return index.state.head;
  return (from === "deployment" ? client.deployment.block : from) - 1;
}

interface Telling {
  consumer: string;
  about: readonly number[] | "everybody";
  head: number;
  isStopped: () => boolean;
}

async function tellUndone(index: ChainIndex, consumer: string, handlers: NoticeHandlers): Promise<void> {
  for (const told of index.consumers.undone(consumer)) {
    await handlers.onUndone?.({ id: idOf(told.hash, told.position) });
    index.consumers.forget(consumer, told);
  }
}

/** Returns whether there was anything to tell. */
async function tellNew(
  client: Client,
  index: ChainIndex,
  { consumer, about, head, isStopped }: Telling,
  handlers: NoticeHandlers,
): Promise<boolean> {
  let isNew = false;
  for (;;) {
    const logs = index.after(index.consumers.place(consumer), head, MOST);
    for (const log of logs) {
      if (isStopped()) return isNew;
      const notice = noticeOf(client, log, about);
      if (notice !== undefined) await tell(notice, handlers);
      const place = { block: log.blockNumber, position: log.index, hash: log.blockHash };
      index.consumers.pass(consumer, place, notice !== undefined);
      isNew ||= notice !== undefined;
    }
    if (logs.length < MOST) return isNew;
  }
}

const tell = (notice: Notice, handlers: NoticeHandlers): void | Promise<void> => {
  const name = `on${notice.kind[0]!.toUpperCase()}${notice.kind.slice(1)}` as keyof NoticeHandlers;
  return (handlers[name] as Handler<Notice> | undefined)?.(notice);
};

/** Looks at the clock: what ends soon is told of once. */
async function tellExpiring(
  client: Client,
  index: ChainIndex,
  { consumer, about, within }: { consumer: string; about: readonly number[] | "everybody"; within: number },
  { onExpiring }: NoticeHandlers,
): Promise<void> {
  if (onExpiring === undefined) return;
  const now = await currentTime(client);
  const whose = about === "everybody" ? [await ownId(client)] : about;
  for (const { what, participant, name, until } of (
    await Promise.all(whose.map((one) => endsOf(client, one)))
  ).flat()) {
    if (until <= now || until - now > within) continue;
    const id = `${what} ${name} ${until}`;
    if (index.consumers.knowsEnd(consumer, id)) continue;
    await onExpiring({ id, kind: "expiring", what, participant, until });
    index.consumers.toldEnd(consumer, id);
  }
}
