import { expect } from "chai";

import { bytes, expectCode, text } from "../helpers.js";
import { behindProxy } from "../proxy.js";
import { type Actor, createDevnet, type Devnet, handOn, relate } from "../../../devnet/index.js";

describe("a record whose anchoring was never answered", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(clinic, alice);
  });
  after(() => world.close());

  /** Adds a record, and the connection breaks right after the transaction was taken. */
  async function addUnanswered(content: string): Promise<void> {
    const proxy = await behindProxy(world, clinic);
    const { client } = proxy;
    let taken = false;
    proxy.after = ({ method }, response) => {
      taken ||= method === "eth_sendRawTransaction";
      return response;
    };
    proxy.before = () => (taken ? "hang up" : undefined);
    await expectCode(
      "CHAIN_UNREACHABLE",
      client.addRecord({ patient: alice.id, category: "CARE", content: bytes(content) }),
    );
    await proxy.close();
  }

  it("is handed to the patient all the same", async () => {
    await addUnanswered("first");
    expect((await clinic.client.listRecords())[0]!.index).to.equal(undefined);
    await handOn(clinic, alice, alice.id);
    const { digest } = (await alice.client.listRecords())[0]!;
    expect(text((await alice.client.openRecord({ digest })).content)).to.equal("first");
    expect((await alice.client.verifyHistory({ patient: alice.id })).complete).to.equal(true);
  });

  it("is known to be anchored after a restart", async () => {
    await addUnanswered("second");
    await world.reopen(clinic);
    expect((await clinic.client.listRecords()).map(({ index }) => index)).to.deep.equal([1, 2]);
    expect(clinic.vault.transactions.pending()).to.deep.equal([]);
  });

  it("stays out of what is handed on while its transaction never arrived", async () => {
    const proxy = await behindProxy(world, clinic);
    const { client } = proxy;
    proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? "hang up" : undefined);
    await expectCode(
      "CHAIN_UNREACHABLE",
      client.addRecord({ patient: alice.id, category: "CARE", content: bytes("third") }),
    );
    const { envelopes } = await handOn(clinic, alice, alice.id);
    expect(envelopes.map(({ added }) => added)).to.deep.equal([1]);
    await world.reopen(clinic);
    expect((await handOn(clinic, alice, alice.id)).envelopes.map(({ added }) => added)).to.deep.equal([1]);
    await proxy.close();
  });
});
