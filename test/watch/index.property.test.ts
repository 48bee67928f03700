import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import fc from "fast-check";

import type { IndexScope } from "../../src/watch/index.js";
import { openIndex } from "../../src/watch/node/index.js";
import { UNSETTLED } from "../../src/watch/follower.js";
import { dice } from "../support/faulty-node.js";
import { type Illness, ModelChain, nameOf } from "./model-chain.js";

/** What happens to chain, node and program. */
const steps = fc.array(
  fc.oneof(
    fc.record({
      does: fc.constant("mine" as const),
      blocks: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(150)),
    }),
    fc.record({
      does: fc.constant("reorganise" as const),
      depth: fc.integer({ min: 1, max: 64 }),
      blocks: fc.integer({ min: 1, max: 70 }),
    }),
    fc.record({ does: fc.constant("ask" as const) }),
    fc.record({ does: fc.constant("restart" as const) }),
    fc.record({ does: fc.constant("break off" as const), after: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ does: fc.constant("be ill" as const), seed: fc.integer() }),
  ),
  { minLength: 3, maxLength: 14 },
);

class BrokenOff extends Error {}

describe("an index of the chain's events", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "chartchain-index-"));
  });
  after(() => rm(directory, { recursive: true }));

  let runs = 0;
  for (const scope of ["whole", "asked"] as IndexScope[]) {
    it(`of what is ${scope} answers as one built anew, after whatever happened`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), steps, async (seed, happens) => {
          const chain = new ModelChain(seed);
          const file = join(directory, `${runs++}.sqlite`);
          const open = () => openIndex({ file, scope, provider: chain.provider, deployment: chain.deployment });
          let index = await open();
          let longest = 0;
          try {
            for (const step of happens) {
              longest = Math.max(longest, chain.head);
              switch (step.does) {
                case "mine":
                  chain.mine(step.blocks);
                  break;
                case "reorganise": {
                  // What is promised is about the newest blocks of the longest chain there was: one that gets shorter by more than
                  // these looks like a node that lags.
                  const depth = Math.min(step.depth, UNSETTLED - (longest - chain.head));
                  if (depth > 0) chain.reorganise(depth, step.blocks);
                  break;
                }
                case "ask": {
                  const filter = chain.filter();
                  if (filter.fromBlock <= filter.toBlock)
                    expect((await index.logs(filter)).map(nameOf)).to.deep.equal(chain.expected(filter));
                  break;
                }
                case "restart":
                  await index.close();
                  index = await open();
                  break;
                case "break off": {
                  let left = step.after;
                  chain.illnessOf = () => {
                    if (left-- <= 0) throw new BrokenOff();
                    return undefined;
                  };
                  await index.sync().catch(() => undefined);
                  chain.illnessOf = () => undefined;
                  await index.close();
                  index = await open();
                  break;
                }
                case "be ill": {
                  const random = dice(step.seed);
                  const illnesses: Illness[] = ["lost", "busy", "limited", "doubled", { lag: 1 }];
                  chain.illnessOf = () =>
                    random() < 0.03 ? illnesses[Math.floor(random() * illnesses.length)] : undefined;
                  chain.mostBlocks = 50;
                  await index.sync().catch(() => undefined);
                  chain.illnessOf = () => undefined;
                  chain.mostBlocks = Infinity;
                }
              }
            }
            for (let i = 0; i < 5; i++) {
              const filter = { ...chain.filter(), fromBlock: 1, toBlock: chain.head };
              expect((await index.logs(filter)).map(nameOf)).to.deep.equal(chain.expected(filter));
            }
          } finally {
            await index.close();
          }
        }),
        { numRuns: 40 },
      );
    });
  }
});
