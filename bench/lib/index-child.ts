import { connect, type Deployment } from "../../src/sdk/index.js";
import type { IndexScope } from "../../src/watch/index.js";
import { openIndex } from "../../src/watch/node/index.js";
import { given } from "./child.js";
import { peakResident } from "./resident.js";
import { processorTime, timed } from "./timing.js";

/** Which index to keep. */
export interface Kept {
  file: string;
  url: string;
  deployment: Deployment;
  scope: IndexScope;
  /** Whom it follows. */
  follow: readonly number[];
}

/** What a sync took. */
export interface Synced {
  /** In milliseconds. */
  processor: number;
  seconds: number;
  logs: number;
  /** The most memory that was resident, in MiB, and how much of it is beyond what program and libraries had before. */
  resident: number;
  grown: number;
}

// An index in a process of its own: what makes the events, and the garbage of that, isn't counted as its memory. It brings itself
// up to date whenever it is told to, and ends with its parent.
const { url, follow, ...options } = given<Kept>();
const provider = await connect(url);
const own = peakResident();
const index = await openIndex({ ...options, provider });
index.follow(...follow);
process.on("message", () => void sync());
process.on("disconnect", () => void end());
process.send!("ready");

async function sync(): Promise<void> {
  let seconds = 0;
  const processor = await processorTime(async () => {
    seconds = (await timed(() => index.sync())) / 1_000;
  });
  const resident = peakResident();
  process.send!({ processor, seconds, logs: index.state.logs, resident, grown: resident - own } satisfies Synced);
}

async function end(): Promise<void> {
  provider.destroy();
  await index.close();
}
