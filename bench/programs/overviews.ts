import { getBytes, id } from "ethers";

import { createDevnet, relate, startNode } from "../../devnet/published.js";
import { CATEGORIES, PURPOSES } from "../../src/sdk/index.js";
import { whoMaySee } from "../../src/watch/index.js";
import { given, report } from "../lib/child.js";
import { emit, EMITTING } from "../lib/event-emitter.js";
import { processorTime } from "../lib/timing.js";

const IN_ONE_BLOCK = 500;
/** The categories whose records have no classes. */
const ORDINARY = CATEGORIES.indexOf("SENSITIVE");
/** How many grants one transaction writes. */
const AT_ONCE = 14;

const { few, many, grants, page, repetitions } = given<{
  few: number;
  many: number;
  grants: number;
  page: number;
  repetitions: number;
}>();
const devnet = await createDevnet(startNode, { index: "asked" });
try {
  const hospital = await devnet.institution("General Hospital");
  const clinic = await devnet.institution("City Clinic");
  const alice = await devnet.patient("alice");
  await relate(hospital, alice);
  const until = (await devnet.now()) + 365 * 24 * 60 * 60;
  for (let left = grants; left > 0; left -= AT_ONCE) {
    const given = Array.from({ length: Math.min(left, AT_ONCE) }, (_, i) => ({
      ...{ viewer: clinic.id, steward: i % 2 === 0 ? hospital.id : 0, purpose: i % PURPOSES.length },
      ...{ categories: 1 + (i % 32), sensitiveFromAnySteward: false, until: until - left * 60 },
    }));
    await (await alice.client.contracts.Consents.changeConsents([], given)).wait();
  }

  /** Events of records as {@link Records} has them, without the days that anchoring so many takes. */
  async function anchored(count: number): Promise<void> {
    const { provider, deployment } = devnet;
    const address = deployment.contracts.Records;
    const kind = alice.client.contracts.Records.interface.getEvent("BatchAnchored").topicHash;
    const code = await provider.getCode(address);
    await provider.send("hardhat_setCode", [address, EMITTING]);
    const { address: from } = await provider.getSigner(0);
    for (let left = count; left > 0; left -= IN_ONE_BLOCK)
      await emit(provider, from, address, { count: Math.min(left, IN_ONE_BLOCK), first: alice.id, step: 0, kind });
    await provider.send("hardhat_setCode", [address, code]);
    await provider.send("hardhat_mine", ["0x50"]);
  }
  /** As many envelopes in the patient's vault, as an import leaves them. */
  function held(first: number, count: number): void {
    const compartmentId = getBytes(id("compartment")).slice(0, 16);
    alice.vault.transaction(() => {
      for (let i = first; i < first + count; i++) {
        const digest = getBytes(id(`record ${i}`));
        const metadata = {
          ...{
            category: i % ORDINARY,
            size: 4_096,
            cid: `cid of ${i}`,
            createdAt: until,
            author: hospital.id,
            recordId: digest.slice(0, 16),
          },
        };
        const place = { patient: alice.id, steward: hospital.id, status: "anchored" as const };
        alice.vault.envelopes.put({
          digest,
          compartmentId,
          bytes: digest,
          ...place,
          anchor: { block: 1, index: i },
          metadata,
        });
      }
    });
  }
  /** The node's own work is among it: it runs in this process. */
  const median = async (ask: () => Promise<unknown>): Promise<number> => {
    const taken: number[] = [];
    for (let i = 0; i < repetitions; i++) taken.push(await processorTime(ask));
    return taken.sort((a, b) => a - b)[Math.floor(repetitions / 2)]!;
  };
  const measure = async () => {
    await alice.index!.sync();
    const { listRecords } = alice.client;
    const middle = id("record 500");
    return {
      seen: await median(() => whoMaySee(alice.client)),
      listed: await median(() => listRecords({ patient: alice.id, limit: page })),
      later: await median(() => listRecords({ patient: alice.id, limit: page, after: middle })),
    };
  };

  await anchored(few);
  held(0, few);
  const ofFew = await measure();
  await anchored(many - few);
  held(few, many - few);
  const ofMany = await measure();
  report({
    samples: {
      seen: [ofMany.seen],
      seenRatio: [ofMany.seen / ofFew.seen],
      listed: [ofMany.listed],
      later: [ofMany.later],
      listedRatio: [ofMany.listed / ofFew.listed],
      events: [alice.index!.state.logs],
      seers: [(await whoMaySee(alice.client)).seers.length],
    },
  });
} finally {
  await devnet.close();
}
