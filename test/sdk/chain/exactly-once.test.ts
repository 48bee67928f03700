import { expect } from "chai";

import { connect, isChartChainError, type Client } from "../../../src/sdk/index.js";
import { send } from "../../../src/sdk/chain/transactions.js";
import { type Actor, createDevnet, type Devnet } from "../../../devnet/index.js";
import { dice, FAULTS, startFaultyNode, type FaultyNode } from "../../support/faulty-node.js";
import { mine } from "../helpers.js";

const IS_DEEP = process.env["CHARTCHAIN_DEEP"] === "1";
const TRANSACTIONS = IS_DEEP ? 1_000 : 100;
/** So many are asked for at once, of one account. */
const AT_ONCE = 5;
/** Of a hundred questions, so many meet a fault. */
const FAULTY_PERCENT = 8;
const DEEPEST = 16;
/** Nobody who uses the SDK waits for ever. */
const MOST_TRIES = 40;

describe(`${TRANSACTIONS} transactions through a node in trouble, on a chain that is reorganised`, () => {
  let world: Devnet;
  let alice: Actor;
  let faulty: FaultyNode;
  let client: Client;
  before(async () => {
    world = await createDevnet();
    alice = await world.patient("alice");
    faulty = await startFaultyNode(world.url);
    client = await world.clientOf(alice, { runner: alice.wallet.connect(await connect(faulty.url)) });
  });
  after(async () => {
    (client.provider as Awaited<ReturnType<typeof connect>>).destroy();
    await faulty.close();
    await world.close();
  });

  const FIRST_VIEWER = 1_000;
  const codes = new Map<string, number>();

  /** Asks until it is done, as an application would: with the same key, whatever the error says of the connection. */
  async function revoke(number: number): Promise<void> {
    const call = {
      contract: client.contracts.Consents,
      method: "revokeViewer",
      args: [alice.id, FIRST_VIEWER + number],
    };
    for (let tries = 1; ; tries++) {
      try {
        await send(client, "revokeAccess", call, `revocation ${number}`);
        return;
      } catch (error) {
        const code = isChartChainError(error) ? error.code : String(error);
        codes.set(code, (codes.get(code) ?? 0) + 1);
        const passes = ["CHAIN_UNREACHABLE", "RATE_LIMITED", "TRANSACTION_PENDING"].includes(code);
        if (!passes || tries === MOST_TRIES) throw error;
      }
    }
  }

  it("are each carried out exactly once", async function () {
    // A busy machine makes it slower, not red.
    const random = dice(20_260_101);
    const met = new Map<string, number>();
    faulty.faultOf = () => {
      if (random() * 100 >= FAULTY_PERCENT) return undefined;
      const fault = FAULTS[Math.floor(random() * FAULTS.length)]!;
      const name = JSON.stringify(fault);
      met.set(name, (met.get(name) ?? 0) + 1);
      return fault;
    };
    const nonce = await world.provider.getTransactionCount(alice.wallet.address);
    const snapshots: { id: unknown; block: number }[] = [];
    let reorganisations = 0;

    /** Takes the newest blocks out of the chain, and the transactions in them; the new chain is longer. */
    async function reorganise(depth: number): Promise<void> {
      const head = await world.provider.getBlockNumber();
      while (snapshots.length > 1 && snapshots.at(-1)!.block > head - depth) snapshots.pop();
      const { id } = snapshots.pop()!;
      expect(await world.provider.send("evm_revert", [id])).to.equal(true);
      await mine(world, head - (await world.provider.getBlockNumber()) + 1);
      reorganisations++;
    }

    for (let done = 0; done < TRANSACTIONS; done += AT_ONCE) {
      const block = await world.provider.getBlockNumber();
      snapshots.push({ id: await world.provider.send("evm_snapshot", []), block });
      const batch = Promise.all(Array.from({ length: AT_ONCE }, (_, i) => revoke(done + i)));
      // Once in a while while they are on their way, else between them.
      const isUnderWay = random() < 0.03;
      if (isUnderWay) await reorganise(1);
      await batch;
      if (!isUnderWay && random() < 0.4) await reorganise(1 + Math.floor(random() * DEEPEST));
    }

    // What a reorganisation took out at last is sent again before the next one.
    faulty.faultOf = () => undefined;
    await revoke(TRANSACTIONS);
    const { Consents } = world.authority.contracts;
    const counts = await Promise.all(
      Array.from({ length: TRANSACTIONS + 1 }, (_, i) => Consents.generationOf(alice.id, FIRST_VIEWER + i)),
    );
    expect(counts.filter((count) => count !== 1n)).to.deep.equal([]);
    expect(await world.provider.getTransactionCount(alice.wallet.address)).to.equal(nonce + TRANSACTIONS + 1);
    expect(alice.vault.transactions.pending()).to.deep.equal([]);

    expect([...met.keys()], "every fault was met").to.have.length(FAULTS.length);
    expect(reorganisations).to.be.greaterThan(TRANSACTIONS / AT_ONCE / 4);
    const facts = {
      faults: [...met.values()].reduce((sum, count) => sum + count),
      reorganisations,
      errors: [...codes],
    };
    console.log(`      ${JSON.stringify(facts)}`);
  });
});
