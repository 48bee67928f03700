import { expect } from "chai";
import {
  AbstractSigner,
  HDNodeWallet,
  NonceManager,
  type Signer,
  toQuantity,
  type TransactionRequest,
  Wallet,
} from "ethers";
import { setTimeout as sleep } from "node:timers/promises";

import { connect, createClient, type Client } from "../../../src/sdk/index.js";
import { send, settlePending } from "../../../src/sdk/chain/transactions.js";
import { type Actor, createDevnet, type Devnet } from "../../../devnet/index.js";
import { startFaultyNode, type FaultyNode } from "../../support/faulty-node.js";
import { expectCode, reorganised } from "../helpers.js";
import { requireAnvil, startAnvil } from "../nodes.js";
import { behindProxy, startProxy, type ProxiedClient } from "../proxy.js";

/** Signs with a key that somebody else keeps, as a service or a card does: no class that anybody knows. */
class RemoteSigner extends AbstractSigner {
  readonly #wallet: Wallet | HDNodeWallet;
  /** What it does to what it is asked to sign. */
  alter: (request: TransactionRequest) => TransactionRequest = (request) => request;

  constructor(wallet: Wallet | HDNodeWallet) {
    super(wallet.provider);
    this.#wallet = wallet;
  }

  override getAddress = () => this.#wallet.getAddress();
  override connect = (): never => {
    throw new Error("stays where it is");
  };
  override signTransaction = (request: TransactionRequest) => this.#wallet.signTransaction(this.alter(request));
  override signMessage = (message: string) => this.#wallet.signMessage(message);
  override signTypedData: Signer["signTypedData"] = (...data) => this.#wallet.signTypedData(...data);
}

describe("the journal of transactions", () => {
  let world: Devnet;
  let alice: Actor;
  let proxy: ProxiedClient;
  let client: Client;
  let provider: ProxiedClient["provider"];
  before(async () => {
    world = await createDevnet();
    alice = await world.patient("alice");
    proxy = await behindProxy(world, alice);
    ({ client, provider } = proxy);
  });
  after(async () => {
    await proxy.close();
    await world.close();
  });
  afterEach(() => {
    proxy.before = () => undefined;
    proxy.after = (_, response) => response;
  });

  const nonceOf = (account: string) => world.provider.getTransactionCount(account);

  describe("is kept for every signer that can sign without sending:", () => {
    const signers: Record<string, (wallet: HDNodeWallet) => Signer> = {
      "an HDNodeWallet": (wallet) => wallet,
      "a NonceManager": (wallet) => new NonceManager(wallet),
      "a signer of nobody's class": (wallet) => new RemoteSigner(wallet),
      "a signer that answers as geth does": (wallet) => {
        const signer = new RemoteSigner(wallet);
        const sign = signer.signTransaction;
        // The transaction in words beside the bytes.
        const inWords = async (request: TransactionRequest) => ({ raw: await sign(request), tx: {} });
        return Object.assign(signer, { signTransaction: inWords });
      },
    };
    for (const [name, make] of Object.entries(signers)) {
      it(name, async () => {
        const wallet = HDNodeWallet.createRandom().connect(provider);
        await world.provider.send("hardhat_setBalance", [wallet.address, toQuantity(10n ** 19n)]);
        const actor = await world.actor(name, { ether: false });
        const own = await world.clientOf(actor, { runner: make(wallet) });
        await own.registerPatient();
        proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? "hang up" : undefined);
        await expectCode("CHAIN_UNREACHABLE", own.revokeAccess({ viewer: 1 }));
        expect(actor.vault.transactions.pending().map(({ from, nonce }) => [from, nonce])).to.deep.equal([
          [wallet.address.toLowerCase(), 1],
        ]);
        proxy.before = () => undefined;
        await settlePending(own);
        expect(await nonceOf(wallet.address)).to.equal(2);
        expect(actor.vault.transactions.pending()).to.deep.equal([]);
      });
    }

    it("and not for what it signed instead of what it was asked to", async () => {
      const wallet = HDNodeWallet.createRandom().connect(provider);
      await world.provider.send("hardhat_setBalance", [wallet.address, toQuantity(10n ** 19n)]);
      const actor = await world.actor("misled", { ether: false });
      const signer = new RemoteSigner(wallet);
      const own = await world.clientOf(actor, { runner: signer });
      for (const change of [{ nonce: 7 }, { to: wallet.address }, { value: 1n }, { data: "0x" }, { chainId: 1 }]) {
        signer.alter = (request) => ({ ...request, ...change });
        await expectCode("TRANSACTION_ALTERED", own.registerPatient());
      }
      for (const nothing of ["0x", "0x1234", "no", null, {}]) {
        const silent = Object.assign(new RemoteSigner(wallet), { signTransaction: async () => nothing });
        const client = await world.clientOf(actor, { runner: silent as unknown as Signer });
        await expectCode("TRANSACTION_ALTERED", client.registerPatient());
      }
      // A wallet of ethers, but for one thing: another key signs.
      const other = Wallet.createRandom();
      const elsewhere = Object.assign(new Wallet(wallet.privateKey, provider), {
        signTransaction: ({ from: _, ...request }: TransactionRequest) => other.signTransaction(request),
      });
      const client = await world.clientOf(actor, { runner: elsewhere });
      await expectCode("TRANSACTION_ALTERED", client.registerPatient());
      expect(actor.vault.transactions.pending()).to.deep.equal([]);
      expect(await nonceOf(wallet.address)).to.equal(0);
    });
  });

  it("isn't kept for an account that a node keeps and doesn't sign with, which is asked for once", async () => {
    const actor = await world.actor("kept by the node", { ether: false });
    const own = await world.clientOf(actor, { runner: await provider.getSigner(1) });
    proxy.calls = [];
    await own.registerPatient();
    await own.revokeAccess({ viewer: 1 });
    expect(proxy.calls.filter((method) => method === "eth_signTransaction")).to.have.length(1);
    expect(proxy.calls.filter((method) => method === "eth_sendTransaction")).to.have.length(2);
    expect(proxy.calls).not.to.include("eth_sendRawTransaction");

    // Nobody asks where there is no journal.
    const authority = await createClient({ runner: await provider.getSigner(0), deployment: world.deployment });
    const { id } = await world.institution("General Hospital");
    proxy.calls = [];
    await authority.suspendInstitution({ institution: id });
    expect(proxy.calls).not.to.include("eth_signTransaction");
  });

  it("believes the chain, and not a refusal, where a node took a transaction all the same", async () => {
    const before = await nonceOf(alice.wallet.address);
    proxy.after = ({ method }, response) =>
      method === "eth_sendRawTransaction" ? { error: { code: -32000, message: "transaction underpriced" } } : response;
    const { receipt } = await client.revokeAccess({ viewer: 1 });
    expect(receipt.status).to.equal(1);
    expect(alice.vault.transactions.at(alice.wallet.address, before)).to.deep.include({
      hash: receipt.hash,
      status: "success",
    });
    proxy.after = (_, response) => response;
    await client.revokeAccess({ viewer: 2 });
    expect(await nonceOf(alice.wallet.address)).to.equal(before + 2);
  });

  it("gives no transaction up as replaced that a block has", async () => {
    // The receipt is late: not before somebody looked whether the transaction is there.
    let looked = false;
    proxy.after = ({ method }, response) => {
      looked ||= method === "eth_getTransactionByHash";
      return method === "eth_getTransactionReceipt" && !looked ? { result: null } : response;
    };
    const before = await nonceOf(alice.wallet.address);
    const { receipt } = await client.revokeAccess({ viewer: 1 });
    expect(looked).to.equal(true);
    expect(alice.vault.transactions.at(alice.wallet.address, before)).to.deep.include({
      hash: receipt.hash,
      status: "success",
    });
    expect(await nonceOf(alice.wallet.address)).to.equal(before + 1);
  });

  it("begins no transaction whose value the account can't pay beside its gas", async () => {
    const payer = await world.institution("Payer");
    const own = await world.clientOf(payer, { runner: payer.wallet.connect(provider) });
    const { DataBank } = own.contracts;
    const value = 10n ** 18n;
    const call = { contract: DataBank, method: "postBond", args: [payer.id], value };
    const gas = await DataBank.postBond.estimateGas(payer.id, { from: payer.wallet.address, value });
    const { maxFeePerGas } = await world.provider.getFeeData();
    // Enough for the value, and enough for the gas, and not for both.
    await world.provider.send("hardhat_setBalance", [
      payer.wallet.address,
      toQuantity(value + (gas * maxFeePerGas!) / 2n),
    ]);
    proxy.calls = [];
    await expectCode("NO_FUNDS", send(own, "postBond", call, "the bond"));
    expect(payer.vault.transactions.find("the bond")).to.equal(undefined);
    expect(proxy.calls).not.to.include("eth_sendRawTransaction");
  });

  it("has a transaction as pending again that a reorganisation took out, before it is sent again", async () => {
    const { provider: node } = world;
    let hash = "";
    await reorganised(world, async () => {
      hash = (await alice.client.revokeAccess({ viewer: 77 })).receipt.hash;
    });
    expect(alice.vault.transactions.pending()).to.deep.equal([]);
    await node.send("evm_setAutomine", [false]);
    const next = alice.client.revokeAccess({ viewer: 78 });
    // Somebody who kills the process now finds it in the journal.
    while ((await node.getTransaction(hash)) === null) await sleep(5);
    expect(alice.vault.transactions.pending().map((entry) => entry.hash)).to.deep.equal([hash]);
    await node.send("evm_setAutomine", [true]);
    await node.send("evm_mine", []);
    await next;
    expect((await node.getTransactionReceipt(hash))!.status).to.equal(1);
    expect(alice.vault.transactions.pending()).to.deep.equal([]);
  });

  describe("through a node in trouble", () => {
    let faulty: FaultyNode;
    let own: Client;
    before(async () => {
      faulty = await startFaultyNode(world.url);
      own = await world.clientOf(alice, { runner: alice.wallet.connect(await connect(faulty.url)) });
    });
    after(async () => {
      (own.provider as typeof provider).destroy();
      await faulty.close();
    });
    beforeEach(() => {
      faulty.faultOf = () => undefined;
    });

    const indexing = "transaction indexing is in progress";
    for (const [name, fault] of Object.entries({
      "hasn't indexed it yet": { error: { code: -32000, message: indexing, data: indexing } },
      "was asked too often": { status: 429, headers: { "retry-after": "0" } },
      "is overloaded": { status: 503 },
      "answers with a page": { status: 200, body: "<html>" },
      "breaks the connection": "lose the answer",
    } as const)) {
      it(`waits for the receipt of a transaction that was sent, while the node ${name}`, async () => {
        const before = await nonceOf(alice.wallet.address);
        let left = 6;
        faulty.faultOf = ({ method }) => (method === "eth_getTransactionReceipt" && left-- > 0 ? fault : undefined);
        const { receipt } = await own.revokeAccess({ viewer: 1 });
        expect(receipt.status).to.equal(1);
        expect(left).to.be.below(1);
        expect(await nonceOf(alice.wallet.address)).to.equal(before + 1);
      });

      it(`sends it once, while the node ${name}`, async () => {
        const before = await nonceOf(alice.wallet.address);
        let left = 2;
        faulty.faultOf = ({ method }) => (method === "eth_sendRawTransaction" && left-- > 0 ? fault : undefined);
        const { receipt } = await own.revokeAccess({ viewer: 1 });
        expect(receipt.status).to.equal(1);
        expect(await nonceOf(alice.wallet.address)).to.equal(before + 1);
        expect(alice.vault.transactions.pending()).to.deep.equal([]);
      });
    }

    it("keeps what a node wouldn't take, because it was asked too often", async () => {
      const before = await nonceOf(alice.wallet.address);
      faulty.faultOf = ({ method }) =>
        method === "eth_sendRawTransaction" ? { status: 429, headers: { "retry-after": "0" } } : undefined;
      await expectCode("RATE_LIMITED", own.revokeAccess({ viewer: 1 }));
      expect(alice.vault.transactions.pending()).to.have.length(1);
      faulty.faultOf = () => undefined;
      await settlePending(own);
      expect(await nonceOf(alice.wallet.address)).to.equal(before + 1);
      expect(alice.vault.transactions.pending()).to.deep.equal([]);
    });
  });
});

describe("the journal of transactions of an account that a node keeps and signs with", () => {
  let world: Devnet;
  before(async function () {
    requireAnvil(this);
    world = await createDevnet(startAnvil);
  });
  after(() => world?.close());

  it("is kept", async () => {
    const actor = await world.actor("kept by the node", { ether: false });
    const proxy = await startProxy(world.url);
    const provider = await connect(proxy.url);
    const runner = await provider.getSigner(1);
    const own = await world.clientOf(actor, { runner });
    await own.registerPatient();
    proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? "hang up" : undefined);
    await expectCode("CHAIN_UNREACHABLE", own.revokeAccess({ viewer: 1 }));
    expect(actor.vault.transactions.pending()).to.have.length(1);
    proxy.before = () => undefined;
    await settlePending(own);
    expect(await world.provider.getTransactionCount(runner.address)).to.equal(2);
    expect(actor.vault.transactions.pending()).to.deep.equal([]);
    provider.destroy();
    await proxy.close();
  });
});
