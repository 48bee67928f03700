import { expect } from "chai";
import { parseEther, toQuantity } from "ethers";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { type Client } from "../../../src/sdk/index.js";
import { send, settlePending } from "../../../src/sdk/chain/transactions.js";
import { expectCode, HOUR, inFuture } from "../helpers.js";
import { requireAnvil, startAnvil } from "../nodes.js";
import { behindProxy, startProxy, type ProxiedClient } from "../proxy.js";
import { createDevnet, type Actor, type Devnet } from "../../../devnet/index.js";
import type { WorkerTask } from "./register-worker.js";

describe("a transaction", () => {
  let world: Devnet;
  let alice: Actor;
  let clinic: Actor;
  before(async () => {
    world = await createDevnet();
    alice = await world.patient("alice");
    clinic = await world.institution("General Hospital");
  });
  after(() => world.close());

  const nonceOf = (actor: Actor, tag = "latest") => world.provider.getTransactionCount(actor.wallet.address, tag);
  const call = (client: Client, viewer = 99) => ({
    contract: client.contracts.Consents,
    method: "revokeViewer",
    args: [alice.id, viewer],
  });

  it("is reported with what it cost once it is in a block", async () => {
    const { receipt, events } = await alice.client.revokeAccess({ viewer: clinic.id });
    const report = world.reports.at(-1)!;
    expect(report).to.deep.include({
      step: "revokeAccess",
      account: alice.wallet.address,
      hash: receipt.hash,
      block: receipt.blockNumber,
      gas: Number(receipt.gasUsed),
    });
    expect(report.ms).to.be.greaterThan(0);
    expect(events["ViewerRevoked"]).to.deep.include({ patient: BigInt(alice.id), viewer: BigInt(clinic.id) });
  });

  it("that would revert is refused and costs nothing", async () => {
    const before = await world.provider.getBalance(alice.wallet.address);
    await expectCode("ALREADY_REGISTERED", alice.client.registerPatient());
    expect(await world.provider.getBalance(alice.wallet.address)).to.equal(before);
    expect(alice.vault.transactions.pending()).to.deep.equal([]);
  });

  it("is not sent above the fee ceiling", async () => {
    const before = await nonceOf(alice);
    const thrifty = await world.clientOf(alice, { maxFeePerGas: 1n });
    const error = await expectCode("FEE_TOO_HIGH", thrifty.revokeAccess({ viewer: clinic.id }));
    expect(error.details["ceiling"]).to.equal("1");
    expect(await nonceOf(alice)).to.equal(before);
    const generous = await world.clientOf(alice, { maxFeePerGas: parseEther("1") });
    await generous.revokeAccess({ viewer: clinic.id });
  });

  it("is not sent by an account that can't pay for it", async () => {
    const poor = await world.actor("poor", { ether: false });
    await expectCode("NO_FUNDS", poor.client.registerPatient());
    expect(poor.vault.transactions.pending()).to.deep.equal([]);
  });

  it("is not signed when its limit costs more than the account has, though the call might not", async () => {
    const short = await world.actor("short");
    const { maxFeePerGas } = await world.provider.getFeeData();
    const { Consents } = alice.client.contracts;
    const gas = await Consents.revokeViewer.estimateGas(alice.id, 99, { from: alice.wallet.address });
    await short.client.registerPatient();
    await world.provider.send("hardhat_setBalance", [
      short.wallet.address,
      toQuantity((gas * maxFeePerGas! * 11n) / 10n),
    ]);
    await expectCode("NO_FUNDS", short.client.revokeAccess({ viewer: 99 }));
    expect(short.vault.transactions.pending()).to.deep.equal([]);
  });

  it("has the next nonce each time, however many are sent at once", async () => {
    const before = await nonceOf(alice);
    const sent = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((viewer) => alice.client.revokeAccess({ viewer })));
    const nonces = await Promise.all(
      sent.map(async ({ receipt }) => (await world.provider.getTransaction(receipt.hash))!.nonce),
    );
    expect(nonces).to.deep.equal(sent.map((_, i) => before + i));
  });

  it("that fails holds none of the next ones up", async () => {
    const [refused, sent] = await Promise.allSettled([
      alice.client.registerPatient(),
      alice.client.revokeAccess({ viewer: 1 }),
    ]);
    expect([refused.status, sent.status]).to.deep.equal(["rejected", "fulfilled"]);
  });

  it("of a key is sent once, however often it is asked for", async () => {
    const before = await nonceOf(alice);
    const [first, second] = await Promise.all([
      send(alice.client, "once", call(alice.client), "the key"),
      send(alice.client, "once", call(alice.client), "the key"),
    ]);
    const third = await send(alice.client, "once", call(alice.client), "the key");
    expect(new Set([first, second, third].map(({ receipt }) => receipt.hash)).size).to.equal(1);
    expect(await nonceOf(alice)).to.equal(before + 1);
  });

  it("can be sent without a vault, by an account that the node keeps", async () => {
    const { receipt } = await world.authority.suspendInstitution({ institution: clinic.id });
    expect(receipt.status).to.equal(1);
    await expectCode("ALREADY_SUSPENDED", world.authority.suspendInstitution({ institution: clinic.id }));
  });

  describe("on a chain that mines when told to", () => {
    const mine = () => world.provider.send("evm_mine", []) as Promise<unknown>;
    const untilPending = async (actor: Actor, nonce: number) => {
      while ((await nonceOf(actor, "pending")) < nonce) await sleep(5);
    };
    beforeEach(() => world.provider.send("evm_setAutomine", [false]));
    afterEach(() => world.provider.send("evm_setAutomine", [true]));

    it("is told to have reverted when something changed before its block", async () => {
      const nonce = await nonceOf(alice);
      const until = await inFuture(world, HOUR);
      const grant = alice.client.grantAccess({ viewer: alice.id + 100, categories: ["CARE"], purpose: "TREAT", until });
      await expectCode("VIEWER_NOT_IN_GOOD_STANDING", grant);
      const bob = await aPatient("bob");
      const sending = alice.client.grantAccess({ viewer: bob, categories: ["CARE"], purpose: "TREAT", until });
      await untilPending(alice, nonce + 1);
      await world.provider.send("evm_setNextBlockTimestamp", [until + 60]);
      await mine();
      const error = await expectCode("TRANSACTION_REVERTED", sending);
      expect(error.details["hash"]).to.match(/^0x/);
      expect(alice.vault.transactions.pending()).to.deep.equal([]);
    });

    it("has the next nonce also while others wait", async () => {
      const before = await nonceOf(alice);
      const sending = [1, 2, 3].map((viewer) => alice.client.revokeAccess({ viewer }));
      await untilPending(alice, before + 3);
      await mine();
      const blocks = (await Promise.all(sending)).map(({ receipt }) => receipt.blockNumber);
      expect(new Set(blocks).size).to.equal(1);
    });

    it("that is still waiting is waited for by a new client, and sent once", async () => {
      const before = await nonceOf(alice);
      const sending = alice.client.revokeAccess({ viewer: 1 });
      await untilPending(alice, before + 1);
      const making = world.clientOf(alice);
      await sleep(50);
      await mine();
      const [{ receipt }] = await Promise.all([sending, making]);
      expect(receipt.status).to.equal(1);
      await mine();
      expect(await nonceOf(alice)).to.equal(before + 1);
    });

    async function aPatient(name: string): Promise<number> {
      await world.provider.send("evm_setAutomine", [true]);
      const { id } = await world.patient(name);
      await world.provider.send("evm_setAutomine", [false]);
      return id;
    }
  });

  describe("through a connection that breaks", () => {
    let proxy: ProxiedClient;
    let client: Client;
    beforeEach(async () => {
      proxy = await behindProxy(world, alice);
      ({ client } = proxy);
    });
    afterEach(() => proxy.close());

    it("is sent before the next one, when it never arrived", async () => {
      const before = await nonceOf(alice);
      proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? "hang up" : undefined);
      await expectCode("CHAIN_UNREACHABLE", client.revokeAccess({ viewer: 1 }));
      expect(await nonceOf(alice)).to.equal(before);
      expect(alice.vault.transactions.pending()).to.have.length(1);

      proxy.before = () => undefined;
      await client.revokeAccess({ viewer: 2 });
      expect(await nonceOf(alice)).to.equal(before + 2);
      expect(alice.vault.transactions.pending()).to.deep.equal([]);
    });

    it("is not sent again, when only the answer was lost", async () => {
      const before = await nonceOf(alice);
      let arrived = false;
      proxy.after = ({ method }, response) => {
        arrived ||= method === "eth_sendRawTransaction";
        return response;
      };
      proxy.before = () => (arrived ? "hang up" : undefined);
      await expectCode("CHAIN_UNREACHABLE", client.revokeAccess({ viewer: 1 }));
      expect(await nonceOf(alice)).to.equal(before + 1);

      arrived = false;
      proxy.after = (_, response) => response;
      await settlePending(client);
      expect(alice.vault.transactions.pending()).to.deep.equal([]);
      expect(await nonceOf(alice)).to.equal(before + 1);
    });

    it("leaves its nonce to the next one, when the node refuses it", async () => {
      const before = await nonceOf(alice);
      const refusal = { error: { code: -32000, message: "transaction underpriced" } };
      proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? refusal : undefined);
      await expectCode("CHAIN_CALL_FAILED", client.revokeAccess({ viewer: 1 }));
      expect(alice.vault.transactions.pending()).to.deep.equal([]);
      proxy.before = () => undefined;
      await client.revokeAccess({ viewer: 2 });
      expect(await nonceOf(alice)).to.equal(before + 1);
    });

    it("leaves its nonce to the next one, when it was lost and is refused later", async () => {
      const before = await nonceOf(alice);
      proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? "hang up" : undefined);
      await expectCode("CHAIN_UNREACHABLE", client.revokeAccess({ viewer: 1 }));
      let refused = 0;
      proxy.before = ({ method }) =>
        method === "eth_sendRawTransaction" && ++refused === 1
          ? { error: { code: -32000, message: "transaction underpriced" } }
          : undefined;
      await client.revokeAccess({ viewer: 2 });
      expect(await nonceOf(alice)).to.equal(before + 1);
      expect(alice.vault.transactions.pending()).to.deep.equal([]);
    });

    it("is paid for as an older chain does it, where there are no priority fees", async () => {
      const strip = (block: Record<string, unknown>) => ({ ...block, baseFeePerGas: undefined });
      proxy.after = ({ method }, response) =>
        method === "eth_getBlockByNumber" ? { result: strip(response.result as Record<string, unknown>) } : response;
      const { receipt } = await client.revokeAccess({ viewer: 1 });
      expect((await world.provider.getTransaction(receipt.hash))!.type).to.equal(0);
    });

    it("that was lost and is refused later doesn't keep a new client from being made", async () => {
      proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? "hang up" : undefined);
      await expectCode("CHAIN_UNREACHABLE", client.revokeAccess({ viewer: 1 }));
      const refusal = { error: { code: -32000, message: "transaction underpriced" } };
      proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? refusal : undefined);
      await world.clientOf(alice, { runner: client.signer! });
      expect(alice.vault.transactions.pending()).to.deep.equal([]);
    });
  });

  describe("of a process that is killed", () => {
    for (const moment of ["before it is sent", "after it was sent"]) {
      it(`${moment}, is brought to its end by the next one, exactly once`, async () => {
        const actor = await world.actor(`killed ${moment}`);
        actor.vault.close();
        const proxy = await startProxy(world.url);
        const task: WorkerTask = {
          url: proxy.url,
          deployment: world.deployment,
          privateKey: actor.wallet.privateKey,
          vault: actor.home,
          passphrase: actor.passphrase,
          store: world.ipfs,
        };
        const file = fileURLToPath(new URL("./register-worker.ts", import.meta.url));
        const worker = spawn(process.execPath, ["--import=tsx", file, JSON.stringify(task)], {
          stdio: ["ignore", "ignore", "ignore"],
        });
        const ended = once(worker, "exit");
        const kill = () => void worker.kill("SIGKILL");
        if (moment.startsWith("before")) {
          proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? (kill(), "hang up") : undefined);
        } else {
          proxy.after = ({ method }, response) => (method === "eth_sendRawTransaction" && kill(), response);
        }
        const [, signal] = (await ended) as [number, string];
        expect(signal).to.equal("SIGKILL");
        expect(await nonceOf(actor)).to.equal(moment.startsWith("before") ? 0 : 1);
        await proxy.close();

        await world.reopen(actor);
        expect(await actor.client.ownId()).to.be.greaterThan(0);
        expect(await nonceOf(actor)).to.equal(1);
        expect(actor.vault.transactions.pending()).to.deep.equal([]);
      });
    }
  });
});

describe("a transaction that a node loses", () => {
  let world: Devnet;
  before(async function () {
    requireAnvil(this);
    world = await createDevnet(startAnvil);
  });
  after(() => world?.close());

  it("in a reorganisation is sent again before the next one", async () => {
    const alice = await world.patient("alice");
    const first = await alice.client.revokeAccess({ viewer: 98 });
    await world.provider.send("anvil_reorg", [1, []]);
    expect(await world.provider.getTransactionReceipt(first.receipt.hash)).to.equal(null);
    await alice.client.revokeAccess({ viewer: 99 });
    expect((await world.provider.getTransactionReceipt(first.receipt.hash))!.status).to.equal(1);
    expect(alice.vault.transactions.pending()).to.deep.equal([]);
  });

  it("has its effect before it is estimated what the next one costs", async () => {
    const [alice, bob] = await Promise.all([world.patient("alice, again"), world.patient("bob")]);
    const until = await inFuture(world, HOUR);
    const grant = () =>
      alice.client.grantAccess({ viewer: bob.id, categories: ["CARE"], purpose: "TREAT", until, steward: alice.id });
    await grant();
    await alice.client.revokeAccess({ viewer: bob.id });
    await world.provider.send("anvil_reorg", [1, []]);
    // Without the revocation the grant would only be written over; with it, it takes a fresh word.
    const { receipt } = await grant();
    expect(receipt.status).to.equal(1);
    const of = { patient: alice.id, steward: alice.id, viewer: bob.id, category: "CARE", purpose: "TREAT" } as const;
    expect(await alice.client.canView(of)).to.equal(true);
    expect(await alice.client.contracts.Consents.generationOf(alice.id, bob.id)).to.equal(1n);
  });

  it("is sent again, and one that another took the place of is given up", async () => {
    const [dropped, replaced] = await Promise.all([world.patient("dropped"), world.patient("replaced")]);
    const { provider } = world;
    await provider.send("evm_setAutomine", [false]);
    const first = dropped.client.revokeAccess({ viewer: 99 });
    const second = replaced.client.revokeAccess({ viewer: 99 });
    const outcomes = Promise.allSettled([first, second]);
    for (const { wallet } of [dropped, replaced]) {
      while ((await provider.getTransactionCount(wallet.address, "pending")) < 2) await sleep(5);
    }

    await provider.send("anvil_dropTransaction", [dropped.vault.transactions.pending()[0]!.hash]);
    const fees = await provider.getFeeData();
    await replaced.wallet.sendTransaction({
      to: replaced.wallet.address,
      nonce: 1,
      maxFeePerGas: fees.maxFeePerGas! * 3n,
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas! * 3n,
    });
    await provider.send("evm_mine", []);
    expect(await provider.getTransactionCount(dropped.wallet.address)).to.equal(1);
    await provider.send("evm_setAutomine", [true]);

    const [sentAgain, givenUp] = await outcomes;
    expect(sentAgain.status).to.equal("fulfilled");
    expect(await provider.getTransactionCount(dropped.wallet.address)).to.equal(2);
    expect(givenUp.status).to.equal("rejected");
    await expectCode("TRANSACTION_REPLACED", second);
    expect(replaced.vault.transactions.pending()).to.deep.equal([]);
    await replaced.client.revokeAccess({ viewer: 99 });
  });
});
