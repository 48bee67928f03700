import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { Log } from "ethers";
import fc from "fast-check";

import { isChartChainError } from "../../src/errors/index.js";
import type { EventFilter } from "../../src/sdk/index.js";
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

const back = (depth: number) => ({ does: "reorganise" as const, depth, blocks: 1 });
/** Chains that get shorter: with the index looking on, and behind its back. */
const SET_BACK = [
  [{ does: "mine" as const, blocks: 150 }, { does: "ask" as const }, back(64), { does: "ask" as const }, back(40)],
  [{ does: "mine" as const, blocks: 150 }, { does: "ask" as const }, back(35), back(60)],
];

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
          /** The head that the index had when it was last through. */
          let reached = 0;
          const sync = () => index.sync().then(() => (reached = index.state.head));
          /** Equal to the chain's own blocks. Refused at most where the chain was set back below all that can be compared. */
          const agree = async (filter: EventFilter): Promise<boolean> => {
            let found: Log[];
            try {
              found = await index.logs(filter);
            } catch (error) {
              if (isChartChainError(error, "NODE_BEHIND") && chain.head < reached - UNSETTLED) return false;
              throw error;
            }
            expect(found.map(nameOf)).to.deep.equal(chain.expected(filter));
            reached = index.state.head;
            return true;
          };
          try {
            for (const step of happens) {
              switch (step.does) {
                case "mine":
                  chain.mine(step.blocks);
                  break;
                case "reorganise":
                  chain.reorganise(step.depth, step.blocks);
                  break;
                case "ask": {
                  const filter = chain.filter();
                  if (filter.fromBlock <= (filter.toBlock ?? chain.head)) await agree(filter);
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
                  await sync().catch(() => undefined);
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
                  await sync().catch(() => undefined);
                  chain.illnessOf = () => undefined;
                  chain.mostBlocks = Infinity;
                }
              }
            }
            const whole = () => ({ ...chain.filter(), fromBlock: 1, toBlock: chain.head });
            // A chain that was set back far is known again once it has grown.
            if (!(await agree(whole()))) chain.mine(reached - chain.head);
            for (let i = 0; i < 5; i++) expect(await agree(whole())).to.equal(true);
          } finally {
            await index.close();
          }
        }),
        { numRuns: 40, examples: SET_BACK.map((happens): [number, (typeof happens)[number][]] => [0, [...happens]]) },
      );
    });
  }
});
