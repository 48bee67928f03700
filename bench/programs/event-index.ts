import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { id } from "ethers";

import { connect, CONTRACT_NAMES, type Deployment } from "../../src/sdk/index.js";
import type { IndexScope } from "../../src/watch/index.js";
import { openIndex } from "../../src/watch/node/index.js";
import { given, report } from "../lib/child.js";
import { deployEmitter } from "../lib/event-emitter.js";
import { peakResident } from "../lib/resident.js";
import { processorTime, timed } from "../lib/timing.js";

/** The participant whose index it is, and the number of the first of the others. */
const MINE = 7;
const OTHERS = 1_000;
const IN_ONE_BLOCK = 500;
const KIND = id("Happened(uint256)");

const { few, many, mine, increments } = given<{ few: number; many: number; mine: number; increments: number }>();
const node = fork(join(import.meta.dirname, "../lib/node-child.ts"), { execArgv: ["--import", "tsx"] });
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
  const open = (scope: IndexScope) =>
    openIndex({ file: join(folder, `${files++}.sqlite`), provider, deployment, scope });

  /** Opens an index, fills it, and brings it up to date again and again after one more event. */
  async function measure(scope: IndexScope) {
    const index = await open(scope);
    if (scope === "asked") index.follow(MINE);
    let seconds = 0;
    const first = await processorTime(async () => {
      seconds = (await timed(() => index.sync())) / 1_000;
    });
    const { logs } = index.state;
    const increment: number[] = [];
    for (let i = 0; i < increments; i++) {
      await emit(1, MINE, 0);
      increment.push(await processorTime(() => index.sync()));
    }
    await index.close();
    const { size } = await stat(join(folder, `${files - 1}.sqlite`));
    return { first, seconds, logs, size, increment: median(increment) };
  }

  // What is mine is among the others', and older than the newest blocks, which an index has whole.
  await emit(mine, MINE, 0);
  await emit(few, OTHERS, 1);
  await provider.send("hardhat_mine", ["0x80"]);
  const before = peakResident();
  const askedOfFew = await measure("asked");
  const wholeOfFew = await measure("whole");
  await emit(many - few, OTHERS + few, 1);
  await provider.send("hardhat_mine", ["0x80"]);
  const askedOfMany = await measure("asked");
  const wholeOfMany = await measure("whole");
  report({
    samples: {
      incrementAsked: [askedOfMany.increment / askedOfFew.increment],
      incrementWhole: [wholeOfMany.increment / wholeOfFew.increment],
      firstAsked: [askedOfMany.first / askedOfFew.first],
      sizeAsked: [askedOfMany.size / askedOfFew.size],
      rebuilt: [wholeOfMany.logs / wholeOfMany.seconds],
      bytes: [wholeOfMany.size / 2 ** 20],
      logs: [wholeOfMany.logs],
      resident: [peakResident()],
      grown: [peakResident() - before],
    },
  });
} finally {
  provider.destroy();
  node.disconnect();
  await rm(folder, { recursive: true });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
