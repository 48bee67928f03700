import { expect } from "chai";
import { type JsonRpcProvider } from "ethers";

import { connect, EVERY_STEWARD, identitySalt, type Client, type Question } from "../../src/sdk/index.js";
import { bytes, expectCode, HOUR, inFuture, text, thisYear } from "../sdk/helpers.js";
import { type LyingNode, startLyingNode } from "../sdk/lies.js";
import {
  childRequest,
  createDevnet,
  handOn,
  relate,
  throughJson,
  type Actor,
  type Devnet,
} from "../../devnet/index.js";

/**
 * What one node says about the present nobody can hold against what was signed: whether a grant stands, or was revoked. So
 * several are asked, and one that lies is found out, whichever it is.
 */
describe("several nodes", () => {
  let world: Devnet;
  let clinic: Actor;
  let insurer: Actor;
  let alice: Actor;
  let node: LyingNode;
  let provider: JsonRpcProvider;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, insurer] = [
      await world.institution("General Hospital"),
      await world.institution("Mutual Insurance", ["PAYER"]),
    ];
    node = await startLyingNode(world, clinic.client);
    provider = await connect(`${node.url}/secret-path?key=secret`);
  });
  after(async () => {
    provider.destroy();
    await node.close();
    await world.close();
  });
  beforeEach(async () => {
    node.honest();
    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
    await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("a note") });
  });

  const hosts = () => ({ lying: new URL(node.url).host, true_: new URL(world.url).host });
  /** The clinic, with the lying node as its own and the honest one beside it, or the other way round. */
  const sides: Record<string, (actor: Actor, options?: Parameters<Devnet["clientOf"]>[1]) => Promise<Client>> = {
    "the client's own": (actor, options) =>
      world.clientOf(actor, { runner: actor.wallet.connect(provider), otherNodes: [world.url], ...options }),
    "one of the others": (actor, options) =>
      world.clientOf(actor, { otherNodes: [`${node.url}/secret-path?key=secret`], ...options }),
  };
  const release = () => ({ patient: alice.id, viewer: insurer.id, purpose: "TREAT" as const });
  const question = (changes: Partial<Question> = {}): Question => ({
    ...{ patient: alice.id, steward: clinic.id, viewer: insurer.id, category: "CARE", purpose: "TREAT" },
    ...changes,
  });
  const grant = async () =>
    alice.client.grantAccess({
      ...{ viewer: insurer.id, categories: ["CARE"], purpose: "TREAT" },
      until: await inFuture(world, HOUR),
    });

  for (const [which, clientOf] of Object.entries(sides)) {
    describe(`of which ${which} lies`, () => {
      it("release nothing to somebody who was never granted anything, and name who said what", async () => {
        const client = await clientOf(clinic);
        node.answers("Consents", "canView", () => [true]);
        const { allowed, reason, nodes } = await client.decide(question());
        expect({ allowed, reason }).to.deep.equal({ allowed: false, reason: "NODES_DISAGREE" });
        expect(nodes).to.have.length(2);
        expect(nodes!.find(({ host }) => host === hosts().true_)!.said).to.equal("NOT_GRANTED");
        const error = await expectCode("CONSENT_DENIED", client.releaseKeys(release()));
        expect(error.details).to.deep.include({ reason: "NODES_DISAGREE" });
        expect(error.message).to.include(hosts().lying).and.include(hosts().true_);
        expect(JSON.stringify(error)).not.to.match(/secret/);
      });

      it("aren't brought to lift a denial by a later generation that nobody wrote", async () => {
        await grant();
        const client = await clientOf(clinic);
        expect((await client.decide(question())).allowed).to.equal(true);
        await alice.client.revokeAccess({ viewer: insurer.id });
        expect((await client.decide(question())).reason).to.equal("NOT_GRANTED");
        node.answers("Consents", "canView", () => [true]);
        const lanes = (1n << 255n) | (1n << 40n);
        node.answers("Consents", "grantOf", () => [{ accessEpoch: 0, generation: 77, version: 9 }, lanes]);
        const { allowed, reason } = await client.decide(question());
        expect({ allowed, reason }).to.deep.equal({ allowed: false, reason: "NODES_DISAGREE" });
        await expectCode("CONSENT_DENIED", client.releaseKeys(release()));
      });

      it("aren't brought to forget that the institution withdrew who somebody is", async () => {
        const about = { account: alice.wallet.address, code: await alice.client.ownAttestationCode() };
        const attested = { ...about, identifier: `mrn|${alice.id}`, salt: identitySalt() };
        await clinic.client.linkIdentity({ file: await clinic.client.attestIdentity(attested) });
        await clinic.client.withdrawIdentity({ participant: alice.id });
        const client = await clientOf(clinic);
        node.answers("Registrar", "isWithdrawn", () => [false]);
        const own = { patient: alice.id, viewer: alice.id, purpose: "PATRQT" as const };
        await expectCode("IDENTITY_WITHDRAWN", client.releaseKeys(own));
      });

      it("tell nobody who represents a child of what is confidential", async () => {
        const attestation = await clinic.client.attestChild({
          ...(await childRequest(alice)),
          ...{ identifier: `mrn|${alice.id}`, salt: identitySalt() },
          comesOfAgeIn: await thisYear(world),
        });
        const child = (await alice.client.registerChild({ attestation: throughJson(attestation) })).participant;
        await relate(clinic, { ...alice, id: child });
        const about = { patient: child, category: "CARE" as const };
        await clinic.client.addRecord({ ...about, content: bytes("a note") });
        const secret = { ...about, content: bytes("a secret"), confidential: true };
        const { digest } = await clinic.client.addRecord(secret);
        const client = await clientOf(clinic);
        const before = (await clinic.client.overviewOf({ patient: child })).recordCount;
        node.answers("Registrar", "childhoodOf", () => [0, 0]);
        await client.retractRecord({ digest, reason: "a wrong dose" });
        const file = await client.deliver({ patient: child, viewer: child });
        expect(JSON.stringify(file)).not.to.include("a wrong dose");
        node.honest();
        expect((await clinic.client.overviewOf({ patient: child })).recordCount).to.equal(before);
      });

      it("take nobody for a child's representative who is none", async () => {
        const records = ["one", "two"].map((content) => ({ category: "CARE" as const, content: bytes(content) }));
        await clinic.client.addRecords({ patient: alice.id, records });
        await grant();
        const client = await clientOf(clinic);
        node.answers("Registrar", "childhoodOf", () => [clinic.id, 2040]);
        node.answers("Delegates", "mayRepresent", () => [true]);
        const [file] = await client.releaseEnvelopes(release());
        expect(file!.envelopes).to.have.length(3);
        expect(file).not.to.have.property("batches");
      });

      it("have nobody sign settings that one of them made up", async () => {
        const client = await clientOf(alice);
        node.answers("Registrar", "settingsOf", () => [{ knownOnly: false, longestGrant: 0, emergency: 255 }]);
        await expectCode("NODES_DISAGREE", client.changeSettings({ longestGrant: 90 }));
        await expectCode("NODES_DISAGREE", client.signChangeSettings({ longestGrant: 90 }));
        const named = { refuseUnknownProviders: false, longestGrant: 90, emergencyCategories: [] };
        await client.changeSettings(named);
        expect(await clinic.client.settingsOf({ patient: alice.id })).to.deep.equal(named);
      });

      it("aren't brought to keep quiet about a revocation", async () => {
        await grant();
        const client = await clientOf(clinic);
        const before = await world.provider.getBlockNumber();
        await alice.client.revokeAccess({ viewer: insurer.id });
        node.lags((await world.provider.getBlockNumber()) - before);
        const { allowed, reason } = await client.decide(question());
        expect(allowed).to.equal(false);
        expect(reason, "it lags, or lies: nobody can tell").to.be.oneOf(["NOT_GRANTED", "REVOKED_BEFORE"]);
      });

      it("wrap nothing for a key, and grant nothing to a name, that one of them makes up at the first meeting", async () => {
        const client = await clientOf(alice);
        node.answers("Registrar", "keyDocumentOf", ([id]) =>
          id === BigInt(insurer.id) ? [`0x${"77".repeat(32)}`] : undefined,
        );
        await grant();
        await handOn(clinic, alice, alice.id);
        const error = await expectCode("NODES_DISAGREE", client.releaseKeys(release()));
        expect(error.message).to.include(hosts().lying).and.include(hosts().true_);
        node.honest();
        node.answers("Registrar", "nameDigestOf", () => [`0x${"77".repeat(32)}`]);
        const until = await inFuture(world, HOUR);
        const more = { viewer: insurer.id, categories: ["CARE"] as const, purpose: "TREAT" as const, until };
        await expectCode("NODES_DISAGREE", client.grantAccess(more));
        // What reduces needs nobody's agreement.
        await client.revokeAccess({ viewer: insurer.id, purpose: "TREAT", steward: EVERY_STEWARD });
      });

      it("open no record that one of them made up", async () => {
        await handOn(clinic, alice, alice.id);
        const client = await clientOf(alice);
        const { digest } = (await alice.client.listRecords())[0]!;
        node.answers("Records", "headOf", () => [(123n << 40n) | 7n]);
        await expectCode("NODES_DISAGREE", client.openRecord({ digest }));
        await expectCode("NODES_DISAGREE", client.verifyHistory({ patient: alice.id }));
        node.honest();
        expect(text((await client.openRecord({ digest })).content)).to.equal("a note");
      });

      it("that agree release what was granted", async () => {
        await grant();
        const client = await clientOf(clinic);
        const { allowed, nodes } = await client.decide(question());
        expect(allowed).to.equal(true);
        expect(nodes!.map(({ said }) => said)).to.deep.equal(["ALLOWED", "ALLOWED"]);
        expect((await client.releaseKeys(release())).wraps).to.have.length(1);
      });
    });
  }

  it("of which one can't be reached give nothing away, unless fewer are enough", async () => {
    await grant();
    const all = await sides["one of the others"]!(clinic);
    const some = await sides["one of the others"]!(clinic, { agreement: 1 });
    node.proxy.before = () => "hang up";
    const { reason, nodes } = await all.decide(question());
    expect(reason).to.equal("NODES_MISSING");
    expect(nodes).to.deep.equal([
      { host: hosts().true_, said: "ALLOWED" },
      { host: hosts().lying, said: "CHAIN_UNREACHABLE" },
    ]);
    const error = await expectCode("CONSENT_DENIED", all.releaseKeys(release()));
    expect(error.message).to.include(hosts().lying).and.include("CHAIN_UNREACHABLE");
    expect((await some.releaseKeys(release())).wraps).to.have.length(1);
    const stranger = await sides["one of the others"]!(await world.patient(`stranger ${patients}`));
    await expectCode("NODES_MISSING", stranger.describeParticipant({ id: clinic.id }));
    await expectCode("NODES_MISSING", stranger.grantAccess({ ...(await grantTo(clinic)) }));
  });

  const grantTo = async (viewer: Actor) => ({
    ...{ viewer: viewer.id, categories: ["CARE"] as const, purpose: "TREAT" as const },
    until: await inFuture(world, HOUR),
  });

  it("that disagree give nothing away, however few are enough", async () => {
    node.answers("Consents", "canView", () => [true]);
    const client = await sides["one of the others"]!(clinic, { agreement: 1 });
    expect((await client.decide(question())).reason).to.equal("NODES_DISAGREE");
  });

  it("never keep a hospital's staff from what they wrote, nor a patient from revoking", async () => {
    await grant();
    const { digest } = (await clinic.client.listRecords({ patient: alice.id }))[0]!;
    const [staff, patient] = [await sides["one of the others"]!(clinic), await sides["one of the others"]!(alice)];
    const read = async () => text((await staff.openRecord({ digest, purpose: "TREAT" })).content);
    node.answers("Consents", "canView", () => [false]);
    expect(await read(), "one says no").to.equal("a note");
    node.proxy.before = () => "hang up";
    expect(await read(), "one is down").to.equal("a note");
    await patient.revokeAccess({ viewer: insurer.id });
    expect((await clinic.client.decide(question())).reason).to.equal("NOT_GRANTED");
  });

  it("can be named before they can be reached", async () => {
    await grant();
    node.proxy.before = () => "hang up";
    const client = await sides["one of the others"]!(clinic);
    expect((await client.decide(question())).reason).to.equal("NODES_MISSING");
    node.honest();
    expect((await client.decide(question())).allowed).to.equal(true);
  });

  it("of which one is on another chain, or behind what was seen final, count as missing", async () => {
    await grant();
    const client = await sides["one of the others"]!(clinic, { finality: 0 });
    expect((await client.decide(question())).allowed).to.equal(true);
    node.lags(3);
    const { reason, nodes } = await client.decide(question());
    expect(reason).to.equal("NODES_MISSING");
    expect(nodes!.find(({ host }) => host === hosts().lying)!.said).to.equal("NODE_BEHIND");
    node.honest();
    node.proxy.before = ({ method }) => (method === "eth_chainId" ? { result: "0x5" } : undefined);
    const elsewhere = await sides["one of the others"]!(clinic);
    expect((await elsewhere.decide(question())).nodes!.find(({ host }) => host === hosts().lying)!.said).to.match(
      /WRONG_CHAIN/,
    );
  });

  it("of which one lags contradict each other in nothing but what just changed", async () => {
    const { id } = await world.institution("Laboratory");
    const client = await sides["one of the others"]!(alice);
    const settled = await sides["one of the others"]!(clinic, { finality: 0, agreement: 1 });
    await settled.decide(question());
    node.lags(4);
    const error = await expectCode("NODES_BEHIND", client.describeParticipant({ id }));
    expect(JSON.stringify(error.details)).to.include(hosts().lying);
    // One that doesn't know what was seen final says nothing.
    expect((await settled.describeParticipant({ id })).name).to.equal("Laboratory");
    const all = await sides["one of the others"]!(clinic, { finality: 0 });
    await all.forgetParticipant({ participant: id });
    await expectCode("NODES_MISSING", all.describeParticipant({ id }));
    node.honest();
    expect((await client.describeParticipant({ id })).name).to.equal("Laboratory");
  });

  it("are as many as can agree", async () => {
    for (const agreement of [0, 3, 1.5]) {
      await expectCode("AGREEMENT_INVALID", sides["one of the others"]!(clinic, { agreement }));
    }
  });

  /**
   * The lying node is lost once it was asked for its newest block: at once, or after it said which that is.
   *
   * @param lied true where it has to have lied before
   */
  const losesItself = (answersHead: boolean, lied: boolean) => {
    const lies = node.proxy.before;
    let [isArmed, isLost] = [!lied, false];
    node.proxy.before = (request) => {
      if (isLost) return "hang up";
      isLost = isArmed && request.method === "eth_blockNumber";
      if (isLost && !answersHead) return "hang up";
      const lie = lies(request);
      isArmed ||= lie !== undefined;
      return lie;
    };
  };

  for (const answersHead of [false, true]) {
    describe(`of which one is lost ${answersHead ? "after" : "before"} it names its newest block a second time`, () => {
      const received = () =>
        clinic.client.releaseKeys({ patient: alice.id, viewer: alice.id, purpose: "PATRQT" as const });
      const liesAboutTheSigner = () => {
        node.answers("Registrar", "participantOf", ([account]) =>
          account === clinic.wallet.address ? [77n] : undefined,
        );
        losesItself(answersHead, true);
      };

      it("name it as out of reach, not as one that disagrees", async () => {
        const file = await received();
        const all = await sides["one of the others"]!(alice);
        liesAboutTheSigner();
        const error = await expectCode("NODES_MISSING", all.takeKeys({ file }));
        const lying = (error.details["nodes"] as { host: string }[]).find(({ host }) => host === hosts().lying);
        expect(lying).to.deep.equal({ host: hosts().lying, said: "CHAIN_UNREACHABLE" });
      });

      it("do with the others, where these are enough", async () => {
        const file = await received();
        const some = await sides["one of the others"]!(alice, { agreement: 1 });
        liesAboutTheSigner();
        expect((await some.takeKeys({ file })).added).to.equal(1);
      });

      it("decide by what was said, and call nobody a liar", async () => {
        const client = await sides["one of the others"]!(clinic);
        node.answers("Consents", "canView", () => [true]);
        losesItself(answersHead, true);
        const { allowed, reason, nodes } = await client.decide(question());
        expect({ allowed, reason }).to.deep.equal({ allowed: false, reason: "NOT_GRANTED" });
        expect(nodes).to.deep.equal([
          { host: hosts().true_, said: "NOT_GRANTED" },
          { host: hosts().lying, said: "CHAIN_UNREACHABLE" },
        ]);
      });

      it("open records by the history that the others have", async () => {
        await handOn(clinic, alice, alice.id);
        const client = await sides["one of the others"]!(alice, { agreement: 1 });
        const { digest } = (await alice.client.listRecords())[0]!;
        losesItself(answersHead, false);
        expect((await client.verifyHistory({ patient: alice.id })).count).to.equal(1);
        node.honest();
        losesItself(answersHead, false);
        expect(text((await client.openRecord({ digest })).content)).to.equal("a note");
      });
    });
  }
});
