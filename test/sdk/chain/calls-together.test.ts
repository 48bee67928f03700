import { expect } from "chai";
import { toQuantity, type Interface } from "ethers";

import { createDevnet, relate, type Actor, type Devnet } from "../../../devnet/index.js";
import { callsTogether, type Send } from "../../../src/sdk/chain/calls-together.js";
import { connect } from "../../../src/sdk/index.js";
import { startFaultyNode, type FaultyNode } from "../../support/faulty-node.js";

describe("calls of one block", () => {
  let world: Devnet;
  let node: FaultyNode;
  let send: Send;
  let calls: { to: string; data: string }[];
  let block: string;
  before(async () => {
    world = await createDevnet();
    const clinic: Actor = await world.institution("General Hospital");
    const alice: Actor = await world.patient("alice");
    await relate(clinic, alice);
    node = await startFaultyNode(world.url);
    const provider = await connect(node.url);
    send = (method, params): Promise<unknown> => provider.send(method, params);
    block = toQuantity(await world.provider.getBlockNumber());
    const { Registrar, Consents, PatientProviderRelationships } = clinic.client.contracts;
    const of = (contract: { target: unknown; interface: Interface }, name: string, args: unknown[]) => ({
      to: String(contract.target),
      data: contract.interface.encodeFunctionData(name, args),
    });
    calls = [
      of(Registrar, "participantOf", [alice.wallet.address]),
      of(Registrar, "accountOf", [clinic.wallet.address]),
      of(PatientProviderRelationships, "isActive", [alice.id, clinic.id]),
      of(Consents, "canView", [alice.id, clinic.id, clinic.id, 1, 1]),
      of(Consents, "grantOf", [alice.id, clinic.id, 1, 0]),
      // Nobody is there; and a function that isn't.
      { to: alice.wallet.address, data: "0x12345678" },
    ];
  });
  afterEach(() => (node.faultOf = () => undefined));
  after(async () => {
    await node.close();
    await world.close();
  });

  const alone = (call: { to: string; data: string }): Promise<unknown> =>
    world.provider.send("eth_call", [call, block]);
  const each = () => Promise.all(calls.map(alone));
  const together = (ask = callsTogether(send)) => Promise.all(calls.map((call) => ask(call, block)));
  const callsAsked = () => node.asked.filter(({ method }) => method === "eth_call").length;

  it("get the answers that each has by itself, for one question", async () => {
    node.asked.length = 0;
    expect(await together()).to.deep.equal(await each());
    expect(callsAsked()).to.equal(1);
  });

  it("are as many questions as a node takes where they are many", async () => {
    const ask = callsTogether(send);
    const many = Array.from({ length: 100 }, (_, i) => calls[i % calls.length]!);
    node.asked.length = 0;
    const answers = await Promise.all(many.map((call) => ask(call, block)));
    const expected = await each();
    expect(answers).to.deep.equal(many.map((_, i) => expected[i % calls.length]));
    expect(callsAsked()).to.equal(3);
  });

  it("don't mix with another block's", async () => {
    const ask = callsTogether(send);
    const [now, before] = await Promise.all([ask(calls[2]!, block), ask(calls[2]!, toQuantity(Number(block) - 1))]);
    expect([BigInt(now as string), BigInt(before as string)]).to.deep.equal([1n, 0n]);
  });

  it("revert by themselves, with their own error", async () => {
    const { Registrar } = world.deployment.contracts;
    const ask = callsTogether(send);
    const reverting = { to: Registrar, data: "0xffffffff" };
    const [good, bad] = await Promise.allSettled([ask(calls[0]!, block), ask(reverting, block)]);
    expect(good).to.have.property("value", (await each())[0]);
    expect(bad.status).to.equal("rejected");
    const own = await alone(reverting).catch((error: unknown) => error);
    expect((bad as PromiseRejectedResult).reason).to.have.property("code", (own as { code: string }).code);
  });

  for (const [what, fault] of Object.entries({
    "runs no constructors": { error: { code: -32602, message: "missing to" } },
    "answers with nothing": { result: "0x" },
    "answers with too little": { result: `0x${"00".repeat(31)}01` },
    "answers with something else": { result: `0x${"ff".repeat(96)}` },
    "answers with no text": { result: null },
  })) {
    it(`are asked one by one of a node that ${what}, and from then on`, async () => {
      const ask = callsTogether(send);
      node.faultOf = ({ method, params }) =>
        method === "eth_call" && (params[0] as { to?: string }).to === undefined ? fault : undefined;
      node.asked.length = 0;
      expect(await together(ask)).to.deep.equal(await each());
      expect(callsAsked()).to.equal(1 + calls.length);
      await together(ask);
      expect(callsAsked()).to.equal(1 + 2 * calls.length);
    });
  }

  it("aren't asked once more of a node that is out of reach", async () => {
    node.faultOf = () => ({ status: 503, body: "later" });
    node.asked.length = 0;
    const failure = await together().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(Error);
    const asked = node.asked.filter(({ method }) => method === "eth_call");
    expect(new Set(asked.map(({ params }) => JSON.stringify(params)))).to.have.property("size", 1);
  });
});
