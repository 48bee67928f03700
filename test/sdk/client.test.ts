import { expect } from "chai";
import { VoidSigner, Wallet } from "ethers";

import { actions, connect, createClient, type Client } from "../../src/sdk/index.js";
import { bytes, expectCode } from "./helpers.js";
import { startProxy } from "./proxy.js";
import { createDevnet, type Actor, type Devnet } from "../../devnet/index.js";

describe("a client", () => {
  let world: Devnet;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    alice = await world.patient("alice");
  });
  after(() => world.close());

  it("has every action bound", () => {
    for (const name of Object.keys(actions)) expect(alice.client).to.have.property(name).that.is.a("function");
  });

  it("can't be made with an account that isn't connected", async () => {
    const { deployment } = world;
    await expectCode("RUNNER_WITHOUT_PROVIDER", createClient({ runner: Wallet.createRandom(), deployment }));
    await expectCode(
      "RUNNER_WITHOUT_PROVIDER",
      createClient({ runner: new VoidSigner(alice.wallet.address), deployment }),
    );
  });

  it("can't be made for another chain than the node's", async () => {
    const deployment = { ...world.deployment, chainId: 5 };
    await expectCode("WRONG_CHAIN", createClient({ runner: world.provider, deployment }));
  });

  it("can't be made when the chain was restarted", async () => {
    const deployment = { ...world.deployment, genesisHash: `0x${"00".repeat(32)}` };
    await expectCode("CHAIN_RESTARTED", createClient({ runner: world.provider, deployment }));
  });

  it("reads with a provider alone, and says what it lacks for more", async () => {
    const reader = await createClient({ runner: world.provider, deployment: world.deployment });
    expect((await reader.overviewOf({ patient: alice.id })).recordCount).to.equal(0);
    const add = { patient: alice.id, category: "SUMMARY", content: bytes("text") } as const;
    await expectCode("SIGNER_MISSING", reader.ownId());
    await expectCode("SIGNER_MISSING", reader.revokeAccess({ viewer: 2 }));
    await expectCode("VAULT_MISSING", reader.registerPatient());
    await expectCode("VAULT_MISSING", reader.addRecord(add));
    await expectCode("VAULT_MISSING", reader.decide({ ...add, steward: 1, viewer: 2, purpose: "TREAT" }));
  });

  it("says that it lacks a store", async () => {
    const { deployment } = world;
    const client = await createClient({ runner: alice.wallet, deployment, vault: alice.vault });
    await expectCode("STORE_MISSING", client.addRecord({ patient: alice.id, category: "CARE", content: bytes("x") }));
  });

  it("says who an account is, or that it is nobody", async () => {
    expect(await alice.client.ownId()).to.equal(alice.id);
    const stranger = await world.actor("stranger");
    await expectCode("NOT_REGISTERED", stranger.client.ownId());
  });

  it("says that the node is out of reach, whatever it is asked for", async () => {
    const proxy = await startProxy(world.url);
    const provider = await connect(proxy.url);
    const { deployment } = world;
    const { vault, store } = alice;
    const client = await createClient({ runner: alice.wallet.connect(provider), deployment, vault, store });
    proxy.before = () => "hang up";
    const asked: ((client: Client) => Promise<unknown>)[] = [
      (c) => c.ownId(),
      (c) => c.listPending(),
      (c) => c.overviewOf({ patient: 1 }),
      (c) => c.revokeAccess({ viewer: 2 }),
      (c) => c.verifyHistory({ patient: 1 }),
      (c) => c.describeParticipant({ id: 1 }),
      (c) => c.signRegisterPatient(),
      (c) => c.decide({ patient: 1, steward: 1, viewer: 2, category: "CARE", purpose: "TREAT" }),
      (c) => c.releaseKeys({ patient: 1, viewer: 2, purpose: "TREAT" }).catch((e: Error) => Promise.reject(e)),
    ];
    await alice.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("a diary") });
    for (const ask of asked) await expectCode("CHAIN_UNREACHABLE", ask(client));
    await expectCode("CHAIN_UNREACHABLE", createClient({ runner: provider, deployment }));
    provider.destroy();
    await proxy.close();
  });

  it("uses the local clock and the chain's finality unless told otherwise", () => {
    expect(alice.client.finality).to.equal("tag");
    expect(Math.abs(alice.client.clock() - Date.now() / 1000)).to.be.lessThan(5);
  });
});
