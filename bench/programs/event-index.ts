import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { id } from "ethers";

import { connect, CONTRACT_NAMES, type Deployment } from "../../src/sdk/index.js";
import type { IndexScope } from "../../src/watch/index.js";
import { given, report } from "../lib/child.js";
import { deployEmitter } from "../lib/event-emitter.js";
import type { Kept, Synced } from "../lib/index-child.js";

/** The participant whose index it is, and the number of the first of the others. */
const MINE = 7;
const OTHERS = 1_000;
const IN_ONE_BLOCK = 500;
const KIND = id("Happened(uint256)");

const { few, some, many, mine, increments } = given<Record<"few" | "some" | "many" | "mine" | "increments", number>>();
/** V8 fills whatever memory it is given before it collects garbage: a limit, in MiB, shows what an index needs. */
const HEAP = 128;
const start = (program: string, args: string[] = [], options: string[] = []) =>
  fork(join(import.meta.dirname, `../lib/${program}.ts`), args, {
    execArgv: ["--no-warnings", ...options, "--import", "tsx"],
  });
const node = start("node-child");
const [url] = (await once(node, "message")) as [string];
const folder = await mkdtemp(join(tmpdir(), "chartchain-bench-"));
const provider = await connect(url);
try {
  const emitter = await deployEmitter(await provider.getSigner(0));
  const [genesis, { chainId }] = await Promise.all([provider.getBlock(0), provider.getNetwork()]);
  const deployment: Deployment = {
    version: 1,
    chainId: Number(chainId),
    genesisHash: genesis!.hash!,
    block: emitter.block,
    contracts: Object.fromEntries(
      CONTRACT_NAMES.map((name) => [name, emitter.address]),
    ) as unknown as Deployment["contracts"],
  };
  const emit = async (count: number, first: number, step: number) => {
    for (let left = count; left > 0; left -= IN_ONE_BLOCK)
      await emitter.emit({ count: Math.min(left, IN_ONE_BLOCK), first: first + left * step, step, kind: KIND });
  };
  let files = 0;

  /** Fills an index, and brings it up to date again and again after one more event. */
  async function measure(scope: IndexScope, options: string[] = []): Promise<Measured> {
    const file = join(folder, `${files++}.sqlite`);
    const kept: Kept = { file, url, deployment, scope, follow: scope === "asked" ? [MINE] : [] };
    const child = start("index-child", [JSON.stringify(kept)], options);
    await once(child, "message");
    const sync = async (): Promise<Synced> => {
      child.send("sync");
      return ((await once(child, "message")) as [Synced])[0];
    };
    const first = await sync();
    const increment: number[] = [];
    let last = first;
    for (let i = 0; i < increments; i++) {
      await emit(1, MINE, 0);
      last = await sync();
      increment.push(last.processor);
    }
    child.disconnect();
    await once(child, "exit");
    const { size } = await stat(file);
    return { first, size, increment: median(increment), grown: last.grown, resident: last.resident };
  }

  // What is mine is among the others', and older than the newest blocks, which an index has whole.
  await emit(mine, MINE, 0);
  const asked: Measured[] = [];
  const whole: Measured[] = [];
  let emitted = 0;
  for (const count of [few, some, many]) {
    await emit(count - emitted, OTHERS + emitted, 1);
    emitted = count;
    await provider.send("hardhat_mine", ["0x80"]);
    asked.push(await measure("asked"));
    whole.push(await measure("whole"));
  }
  const limited = await measure("whole", [`--max-old-space-size=${HEAP}`]);
  const [ofFew, ofSome, ofMany] = asked as [Measured, Measured, Measured];
  const [wholeOfFew, , wholeOfMany] = whole as [Measured, Measured, Measured];
  report({
    samples: {
      incrementSome: [ofSome.increment / ofFew.increment],
      incrementAsked: [ofMany.increment / ofFew.increment],
      incrementWhole: [wholeOfMany.increment / wholeOfFew.increment],
      firstSome: [ofSome.first.processor / ofFew.first.processor],
      firstAsked: [ofMany.first.processor / ofFew.first.processor],
      sizeAsked: [ofMany.size / ofFew.size],
      rebuilt: [wholeOfMany.first.logs / wholeOfMany.first.seconds],
      bytes: [wholeOfMany.size / 2 ** 20],
      logs: [wholeOfMany.first.logs],
      grown: [Math.max(...[...asked, ...whole].map(({ grown }) => grown))],
      grownLimited: [limited.grown],
      resident: [Math.max(...[...asked, ...whole].map(({ resident }) => resident))],
    },
  });
} finally {
  provider.destroy();
  node.disconnect();
  await rm(folder, { recursive: true });
}

/** What an index took. */
interface Measured {
  first: Synced;
  /** In bytes. */
  size: number;
  /** Processor time of one more event, in milliseconds. */
  increment: number;
  /** In MiB. */
  grown: number;
  resident: number;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
