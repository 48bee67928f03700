import { expect } from "chai";
import { makeError, Wallet } from "ethers";

import { createDevnet, relate, type Actor, type Devnet } from "../../../devnet/index.js";
import { connect, isChartChainError, type ErrorCode } from "../../../src/sdk/index.js";
import { bytes, expectCode, HOUR, inFuture } from "../helpers.js";
import { dice, startFaultyNode, type Fault, type FaultyNode } from "../../support/faulty-node.js";

/** What a node answers in the end, when asked as often as anybody would; and answers that are none. */
const FAULTS: readonly Fault[] = [
  "lose the question",
  { error: { code: -32000, message: "missing trie node" } },
  { error: { code: -32601, message: "the method doesn't exist" } },
  { error: { code: 3, message: "execution reverted", data: "0x08c379a0" } },
  { error: { code: 3, message: "execution reverted", data: "0x" } },
  { status: 403, body: "<html>forbidden</html>" },
  { result: null },
  { result: "0x" },
  { result: "0x1234" },
  { result: [] },
  { result: { hash: "0x12" } },
  { result: `0x${"ff".repeat(96)}` },
];

/** So many of a verb's questions are tried with a fault each. */
const TRIED = 12;

describe("whatever a node answers", function () {
  let world: Devnet;
  let node: FaultyNode;
  let [alice, clinic, insurer]: Actor[] = [];
  const clients: Record<string, Actor["client"]> = {};
  let digest: string;
  let until: number;

  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    insurer = await world.institution("Mutual Insurance", ["PAYER"]);
    alice = await world.patient("alice");
    await relate(clinic, alice);
    ({ digest } = await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("one") }));
    await alice.client.takeDelivery({ file: await clinic.client.deliver({ patient: alice.id, viewer: alice.id }) });
    until = await inFuture(world, 100 * HOUR);
    node = await startFaultyNode(world.url);
    for (const [name, actor] of Object.entries({ alice, clinic })) {
      const provider = await connect(node.url);
      clients[name] = await world.clientOf(actor, { runner: actor.wallet.connect(provider) });
    }
  });
  after(async () => {
    await node.close();
    await world.close();
  });

  const grant = () => ({ viewer: insurer!.id, categories: ["CARE"] as const, purpose: "HPAYMT" as const, until });
  const question = () => ({
    ...{ patient: alice!.id, steward: clinic!.id, viewer: insurer!.id },
    ...{ category: "CARE" as const, purpose: "HPAYMT" as const },
  });
  let times = 0;

  const VERBS: Record<string, () => Promise<unknown>> = {
    ownId: () => clients["alice"]!.ownId(),
    describeParticipant: () => clients["alice"]!.describeParticipant({ id: clinic!.id }),
    overviewOf: () => clients["alice"]!.overviewOf({ patient: alice!.id }),
    canView: () => clients["alice"]!.canView(question()),
    decide: () => clients["clinic"]!.decide(question()),
    previewGrant: () => clients["alice"]!.previewGrant(grant()),
    grantAccess: () => clients["alice"]!.grantAccess(grant()),
    "grantAccess, narrowed": () =>
      clients["alice"]!.grantAccess({ ...grant(), steward: clinic!.id, constraint: { from: 1 }, loseNarrowing: true }),
    signGrantAccess: () => clients["alice"]!.signGrantAccess({ ...grant(), loseNarrowing: true }),
    formerGrants: () => clients["alice"]!.formerGrants(),
    revokeAccess: () => clients["alice"]!.revokeAccess({ viewer: insurer!.id, purpose: "HPAYMT", steward: 0 }),
    changeConsents: () => clients["alice"]!.changeConsents({ grants: [grant()], loseNarrowing: true }),
    signCancelSignatures: () => clients["alice"]!.signCancelSignatures(),
    settingsOf: () => clients["alice"]!.settingsOf({ patient: alice!.id }),
    changeSettings: () => clients["alice"]!.changeSettings({ longestGrant: 300 + (times++ % 50) }),
    listPending: () => clients["alice"]!.listPending(),
    verifyHistory: () => clients["alice"]!.verifyHistory({ patient: alice!.id }),
    openRecord: () => clients["alice"]!.openRecord({ digest, purpose: "PATRQT" }),
    listAccounts: () => clients["alice"]!.listAccounts({ participant: alice!.id }),
    listDelegates: () => clients["alice"]!.listDelegates({ patient: alice!.id }),
    listEmergencies: () => clients["alice"]!.listEmergencies({ patient: alice!.id }),
    listRetractions: () => clients["alice"]!.listRetractions({ patient: alice!.id }),
    signEmergencyWish: () => clients["alice"]!.signEmergencyWish({ showSensitive: "all", sayThatMoreExists: true }),
    guardianChangeOf: () => clients["alice"]!.guardianChangeOf({ participant: alice!.id }),
    listRecoveries: () => clients["alice"]!.listRecoveries({ participant: alice!.id }),
    bankAccountOf: () => clients["alice"]!.bankAccountOf({ patient: alice!.id }),
    listStudies: () => clients["alice"]!.listStudies(),
    addRecord: () =>
      clients["clinic"]!.addRecord({ patient: alice!.id, category: "CARE", content: bytes(`more ${times++}`) }),
    deliver: () => clients["clinic"]!.deliver({ patient: alice!.id, viewer: alice!.id, again: true }),
    takeDelivery: async () => {
      const file = await clinic!.client.deliver({ patient: alice!.id, viewer: alice!.id, again: true });
      return clients["alice"]!.takeDelivery({ file: JSON.parse(JSON.stringify(file)) });
    },
    anchorDummies: () => clients["clinic"]!.anchorDummies({ patient: alice!.id }),
    offerRelationship: () => clients["clinic"]!.offerRelationship({ patient: alice!.id }),
    challengeKey: () => clients["clinic"]!.challengeKey({ participant: alice!.id }),
    // Over a connection of its own: what one was asked a moment ago it isn't asked again.
    "another client": async () => world.clientOf(alice!, { runner: alice!.wallet.connect(await connect(node.url)) }),
  };

  for (const [name, verb] of Object.entries(VERBS)) {
    it(`${name} succeeds, or throws a ChartChainError`, async () => {
      node.faultOf = () => undefined;
      await verb();
      node.asked.length = 0;
      await verb();
      const questions = node.asked.length;
      expect(questions).to.be.greaterThan(0);
      const next = dice(name.length * 1_000 + questions);
      let broken = 0;
      for (let tried = 0; tried < TRIED; tried++) {
        const at = Math.floor(next() * questions);
        const fault = FAULTS[Math.floor(next() * FAULTS.length)]!;
        let left = 4;
        node.asked.length = 0;
        node.faultOf = () => (node.asked.length > at && left-- > 0 ? fault : undefined);
        try {
          await verb();
        } catch (error) {
          broken++;
          if (isChartChainError(error)) continue;
          const { method } = node.asked[at]!;
          throw new Error(`${JSON.stringify(fault)} at question ${at}, ${method}: ${String(error)}`, { cause: error });
        }
      }
      node.faultOf = () => undefined;
      expect(broken, "faults that reached the caller").to.be.greaterThan(0);
    });
  }

  it("a wallet's no is a ChartChainError as well, and so is whatever else it throws", async () => {
    const wallet = new Wallet(alice!.wallet.privateKey, world.provider);
    const client = await world.clientOf(alice!, { runner: wallet });
    const refusals = {
      SIGNING_REFUSED: [
        makeError("user rejected action", "ACTION_REJECTED", { action: "signTypedData", reason: "rejected" } as never),
        Object.assign(new Error("User denied message signature."), { code: 4001 }),
      ],
      CHAIN_CALL_FAILED: [new Error("the device is locked")],
    };
    for (const [code, errors] of Object.entries(refusals)) {
      for (const error of errors) {
        wallet.signTypedData = () => Promise.reject(error);
        const refused = await expectCode(code as ErrorCode, client.signCancelSignatures());
        expect(refused.cause).to.equal(error);
        wallet.signTransaction = () => Promise.reject(error);
        await expectCode(code as ErrorCode, client.changeSettings({ longestGrant: 7 }));
      }
    }
  });
});
