import { join } from "node:path";

import type { Actor, Devnet } from "chartchain/devnet";
import { openIndex } from "chartchain/watch/node";

import { AccessDecider, type Kept } from "../src/access/access.js";
import { Changes } from "../src/access/changes.js";

/** How many questions are under way at a time. */
const TOGETHER = 64;

/**
 * Decisions in a second, each about one patient and one kind of records: by what is kept and the index, and asked anew of the
 * node each time.
 */
export async function decisions(
  world: Devnet,
  hospital: Actor,
  { viewers, kinds, seconds }: { viewers: readonly number[]; kinds: Kept["kinds"]; seconds: number },
): Promise<{ fromIndex: number; confirmed: number }> {
  const { provider, deployment } = world;
  const index = await openIndex({ file: join(world.folder, "decisions.sqlite"), provider, deployment, scope: "whole" });
  try {
    const client = await world.clientOf(hospital, { events: index, finality: 0 });
    const store: Kept = { kinds, edition: async () => "", records: async () => [] };
    let asked = 0;
    const counting = {
      ...client,
      decideAll: (input: Parameters<typeof client.decideAll>[0]) => {
        asked += input.questions.length;
        return client.decideAll(input);
      },
    };
    const decider = new AccessDecider(counting, hospital.id, store, new Changes(index, []));
    const purpose = "TREAT" as const;
    const askAll = () =>
      Promise.all(
        Array.from({ length: TOGETHER }, (_, at) =>
          decider.accessOf({ participant: viewers[at % viewers.length]!, purpose }),
        ),
      );
    await askAll();
    // An answer is about all that its viewer may see: it counts as one, however much that is.
    const kept = await repeated(askAll, seconds);
    asked = 0;
    const anew = await repeated(async () => {
      decider.forget();
      await askAll();
    }, seconds);
    return { fromIndex: (TOGETHER * kept.times) / kept.seconds, confirmed: asked / anew.seconds };
  } finally {
    await index.close();
  }
}

/** Does something over and over. */
async function repeated(work: () => Promise<unknown>, seconds: number): Promise<{ times: number; seconds: number }> {
  const begun = performance.now();
  const passed = () => (performance.now() - begun) / 1000;
  let times = 0;
  for (; passed() < seconds; times++) await work();
  return { times, seconds: passed() };
}
