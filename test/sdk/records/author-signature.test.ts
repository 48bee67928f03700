import { expect } from "chai";
import { getBytes, hexlify, type JsonRpcProvider } from "ethers";

import { Batch, decodeEnvelope, encodeBatchProof, openEnvelope } from "../../../src/crypto/index.js";
import { connect, type Client, type EnvelopesFile, type ErrorCode } from "../../../src/sdk/index.js";
import { toBase64 } from "../../../src/sdk/handover/file.js";
import { anchorChecks, signAnchor, type AnchorStatement } from "../../../src/sdk/records/author-signature.js";
import { anchoredRecords, chainOf, countOf } from "../../../src/sdk/records/history.js";
import { describedManifest } from "../../../src/sdk/records/retraction/retractions.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";
import { ContractAccountSigner } from "../contract-account.js";
import { envelopesFile, forgedRecord } from "../forged.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../helpers.js";
import { type LyingNode, startLyingNode } from "../lies.js";

/**
 * A node can hide an anchor; it can't make one up. Here is one that tries, together with a viewer who has the compartment's
 * key and so can seal what looks like the clinic's record.
 */
describe("an author's signature over what it anchored", () => {
  let world: Devnet;
  let clinic: Actor;
  let mallory: Actor;
  let alice: Actor;
  let node: LyingNode;
  let provider: JsonRpcProvider;
  let made = 0;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    mallory = await world.institution("Mallory & Sons");
    node = await startLyingNode(world, clinic.client);
    provider = await connect(node.url);
  });
  after(async () => {
    provider.destroy();
    await node.close();
    await world.close();
  });
  beforeEach(async () => {
    node.honest();
    alice = await world.patient(`alice ${++made}`);
    await relate(clinic, alice);
  });

  const write = (by: Actor, content: string) =>
    by.client.addRecord({ patient: alice.id, category: "CARE", content: bytes(content) });
  const deceived = (actor: Actor, options = {}): Promise<Client> =>
    world.clientOf(actor, { runner: actor.wallet.connect(provider), ...options });
  /** Has the node say that the clinic anchored this as well, in a history that comes to the head. */
  async function invent(digest: string, size: number | null = null): Promise<void> {
    const block = await world.provider.getBlockNumber();
    const history = await anchoredRecords(alice.client, alice.id);
    const made = { index: countOf(history)! + 1, size, author: clinic.id, digest, block };
    const values = size === null ? [made.index, digest] : [made.index, size, digest];
    node.event("Records", size === null ? "RecordAnchored" : "BatchAnchored", [alice.id, clinic.id, ...values], {
      block,
    });
    const head = (BigInt(chainOf([...history, made])) << 40n) | BigInt(countOf([...history, made])!);
    node.answers("Records", "headOf", () => [head]);
    node.answers("Summary", "readingOf", () => [head, alice.id]);
  }
  const signatureOf = async (signer: Actor, statement: AnchorStatement) => ({
    ...{ digest: statement.digest, count: statement.count },
    ...(await signAnchor(signer.client, statement)),
  });
  const about = () => ({ patient: alice.id, steward: clinic.id });

  describe("where a node makes an anchor up", () => {
    let digest: string;
    let envelope: string;
    const fileWith = (...signatures: EnvelopesFile["signatures"]) => ({
      ...envelopesFile(mallory, about(), [envelope]),
      signatures,
    });
    beforeEach(async () => {
      await write(clinic, "true");
      await handOn(clinic, alice, alice.id);
      const [key] = clinic.vault.compartments.list({ patient: alice.id });
      ({ digest, envelope } = await forgedRecord(mallory, key!, { author: clinic.id, content: "made up" }));
    });

    it("has nobody take the record in without it, nor open one that is here without it", async () => {
      await invent(digest);
      const client = await deceived(alice);
      const error = await expectCode("AUTHOR_UNPROVEN", client.takeEnvelopes({ file: fileWith() }));
      expect(error.details).to.deep.equal({ patient: alice.id, author: clinic.id, digest });
      expect(alice.vault.envelopes.get(getBytes(digest))).to.equal(undefined);
      const [key] = clinic.vault.compartments.list({ patient: alice.id });
      alice.vault.envelopes.put({
        ...{ digest: getBytes(digest), compartmentId: key!.id, bytes: Buffer.from(envelope, "base64") },
        ...{ ...about(), status: "anchored" },
      });
      await expectCode("AUTHOR_UNPROVEN", client.openRecord({ digest }));
      const report = await client.verifyHistory({ patient: alice.id });
      expect(report).to.deep.include({ matchesHead: true, count: 2, signed: 1 });
      expect(report.unproved).to.deep.equal([{ author: clinic.id, digest, from: 2, to: 2 }]);
    });

    it("takes nobody else's for it, and none over something else", async () => {
      await invent(digest);
      const client = await deceived(alice);
      const statement = { patient: alice.id, author: clinic.id, digest, count: 0 };
      const refuse = async (code: ErrorCode, signed: EnvelopesFile["signatures"][number]) =>
        expectCode(code, client.takeEnvelopes({ file: fileWith({ ...signed, digest, count: 0 }) }));
      await refuse("ACCOUNT_UNPROVEN", await signatureOf(mallory, statement));
      const inItsName = { ...(await signatureOf(mallory, statement)), account: clinic.wallet.address };
      await refuse("AUTHOR_UNPROVEN", inItsName);
      node.answers("Registrar", "participantOf", () => [clinic.id]);
      await refuse("ACCOUNT_UNPROVEN", await signatureOf(mallory, statement));
      const others = [
        { patient: mallory.id },
        { author: mallory.id },
        { digest: `0x${"5a".repeat(32)}` },
        { count: 8 },
      ];
      for (const other of others)
        await refuse("AUTHOR_UNPROVEN", await signatureOf(clinic, { ...statement, ...other }));
      // What the clinic would sign by itself, to see that nothing else was in the way.
      const file = fileWith(await signatureOf(clinic, statement));
      expect(await client.takeEnvelopes({ file })).to.include({ added: 1 });
      node.answers("Registrar", "participantOf", () => undefined);
      expect(text((await client.openRecord({ digest })).content)).to.equal("made up");
    });

    it("counts for a batch with the same count alone, and keeps a list out without it", async () => {
      const batch = Batch.of([getBytes(digest), getBytes(`0x${"11".repeat(32)}`)]);
      const anchored = hexlify(batch.digest());
      await invent(anchored, 8);
      const client = await deceived(alice);
      const proofs = [{ envelope: 0, proof: toBase64(encodeBatchProof(batch.proofOf(getBytes(digest))!)) }];
      const fileOf = (...signatures: EnvelopesFile["signatures"]) => ({
        ...fileWith(...signatures),
        ...{ proofs, batches: [toBase64(batch.encode())] },
      });
      await expectCode("AUTHOR_UNPROVEN", client.takeEnvelopes({ file: fileOf() }));
      expect(alice.vault.batches.get(batch.digest())).to.equal(undefined);
      const statement = { patient: alice.id, author: clinic.id, digest: anchored, count: 64 };
      const other = { ...(await signatureOf(clinic, statement)), count: 8 };
      await expectCode("AUTHOR_UNPROVEN", client.takeEnvelopes({ file: fileOf(other) }));
      const right = await signatureOf(clinic, { ...statement, count: 8 });
      expect(await client.takeEnvelopes({ file: fileOf(right) })).to.include({ added: 1 });
      expect(alice.vault.batches.get(batch.digest())).not.to.equal(undefined);
    });
  });

  describe("by an account that acts no more", () => {
    let operator: Actor;
    let early: string;
    let anchoredAt: number;
    let file: EnvelopesFile;
    beforeEach(async () => {
      operator = await world.actor(`operator ${made}`, {
        backup: { bytes: await clinic.vault.backup("a"), passphrase: "a" },
      });
      await clinic.client.addAccount({
        file: throughJson(await operator.client.signJoining({ participant: clinic.id })),
      });
      early = (await write(operator, "early")).digest;
      anchoredAt = await world.provider.getBlockNumber();
      const { grant, envelopes } = throughJson(await operator.client.deliver({ patient: alice.id, viewer: alice.id }));
      file = envelopes[0]!;
      await alice.client.takeKeys({ file: grant });
    });
    /** A record that the operator's key signs for now, and that the node says was just anchored. */
    async function late(): Promise<EnvelopesFile> {
      const [key] = operator.vault.compartments.list({ patient: alice.id });
      const { digest, envelope } = await forgedRecord(operator, key!, { author: clinic.id });
      await world.increaseTime(60);
      await invent(digest);
      const signed = await signatureOf(operator, { patient: alice.id, author: clinic.id, digest, count: 0 });
      return { ...envelopesFile(operator, about(), [envelope]), signatures: [signed] };
    }
    const ends: Record<string, () => Promise<unknown>> = {
      "its owner retired": () => clinic.client.retireAccount({ account: operator.wallet.address }),
      "the authority froze": () => world.authority.freezeOperators({ institution: clinic.id }),
    };
    afterEach(async () => {
      await world.authority.thawOperators({ institution: clinic.id }).catch(() => undefined);
    });

    for (const [which, end] of Object.entries(ends)) {
      it(`and that ${which}, stands for what it anchored before, for who knows the author and who doesn't`, async () => {
        await alice.client.describeParticipant({ id: clinic.id });
        await end();
        expect(await alice.client.takeEnvelopes({ file })).to.include({ added: 1 });
        expect(text((await alice.client.openRecord({ digest: early })).content)).to.equal("early");
        const forgetful = await deceived(alice);
        await forgetful.forgetParticipant({ participant: clinic.id });
        const [signed] = file.signatures;
        const statement = { patient: alice.id, author: clinic.id, digest: early, count: 0 };
        await anchorChecks(forgetful)(statement, signed!, anchoredAt);
        await expectCode("AUTHOR_UNPROVEN", forgetful.takeEnvelopes({ file: await late() }));
      });
    }

    it("stands for nothing before the account was there, nor after a person's accounts were replaced", async () => {
      const { account, signature } = file.signatures[0]!;
      const statement = { patient: alice.id, author: clinic.id, digest: early, count: 0 };
      await clinic.client.retireAccount({ account });
      const check = anchorChecks(alice.client);
      await check(statement, { account, signature }, (await world.provider.getBlockNumber()) - 1);
      await expectCode("AUTHOR_UNPROVEN", check(statement, { account, signature }, world.deployment.block));

      const own = (await write(alice, "my own")).digest;
      const said = { patient: alice.id, author: alice.id, digest: own, count: 0 };
      const hers = await signAnchor(alice.client, said);
      const block = await world.provider.getBlockNumber();
      node.event("Registrar", "Recovered", [alice.id, 1, 1, mallory.wallet.address], { block });
      node.answers("Registrar", "participantOf", ([of]) =>
        of === alice.wallet.address ? [0] : of === mallory.wallet.address ? [alice.id] : undefined,
      );
      const client = await deceived(clinic);
      // Who meets her only now hears of the account that she had.
      await client.forgetParticipant({ participant: alice.id });
      const reader = anchorChecks(client);
      await reader(said, hers, block);
      await world.increaseTime(1);
      await expectCode("AUTHOR_UNPROVEN", reader(said, hers, await world.provider.getBlockNumber()));
    });
  });

  it("goes on from the patient to a viewer, who checks it as well", async () => {
    const { digest } = await write(clinic, "a note");
    await handOn(clinic, alice, alice.id);
    const bob = await world.patient(`bob ${made}`);
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({ viewer: bob.id, categories: ["CARE"], purpose: "TREAT", until });
    await handOn(alice, bob, alice.id);
    expect(text((await bob.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("a note");
    expect(await bob.client.verifyHistory({ patient: alice.id })).to.deep.include({ signed: 1, unproved: [] });
  });

  it("is one for a whole batch, and a retraction's statement is another", async () => {
    const records = ["one", "two"].map((each) => ({ category: "CARE" as const, content: bytes(each) }));
    const [first] = await clinic.client.addRecords({ patient: alice.id, records });
    const [envelopes] = (await clinic.client.deliver({ patient: alice.id, viewer: alice.id })).envelopes;
    expect(envelopes!.signatures.map(({ count }) => count)).to.deep.equal([8]);
    await handOn(clinic, alice, alice.id);
    await alice.client.takeDelivery({
      file: throughJson(await clinic.client.deliver({ patient: alice.id, viewer: alice.id, again: true })),
    });
    await clinic.client.retractRecord({ digest: first!.digest, reason: "a slip" });
    expect(await alice.client.verifyHistory({ patient: alice.id })).to.include({ signed: 1 });
    await handOn(clinic, alice, alice.id);
    expect(await alice.client.verifyHistory({ patient: alice.id })).to.deep.include({ signed: 2, unproved: [] });
  });

  it("is made anew by an author whose backup was made before it had signed", async () => {
    const [key] = (await write(clinic, "before"), clinic.vault.compartments.list({ patient: alice.id }));
    const { digest, envelope } = await forgedRecord(clinic, key!, { author: clinic.id, content: "in between" });
    const encoded = Buffer.from(envelope, "base64");
    const { manifest, place } = openEnvelope(decodeEnvelope(encoded), key!);
    clinic.vault.envelopes.put({
      ...{ digest: getBytes(digest), compartmentId: key!.id, bytes: encoded, ...about(), status: "pending" },
      metadata: describedManifest(manifest, place),
    });
    await (await clinic.client.contracts.Records.anchor(alice.id, digest)).wait();
    await world.reopen(clinic);
    const { envelopes } = await handOn(clinic, alice, alice.id);
    expect(envelopes[0]).to.deep.include({ added: 2 }).and.not.to.have.property("refused");
    expect(text((await alice.client.openRecord({ digest })).content)).to.equal("in between");
  });

  it("of a contract account is believed where several nodes agree, and of one node not", async () => {
    const helper = await world.actor(`helper ${made}`);
    const signer = await ContractAccountSigner.deploy(helper.wallet);
    const asContract = await world.clientOf(helper, { runner: signer });
    await clinic.client.addAccount({
      file: throughJson(await asContract.signJoining({ participant: clinic.id })),
    });
    const statement = { patient: alice.id, author: clinic.id, digest: `0x${"11".repeat(32)}`, count: 0 };
    const signed = await signAnchor(asContract, statement);
    const block = await world.provider.getBlockNumber();
    const error = await expectCode("AUTHOR_UNPROVEN", anchorChecks(alice.client)(statement, signed, block));
    expect(error.message).to.include("the signature isn't that account's");
    const both = await world.clientOf(alice, { otherNodes: [node.url] });
    await anchorChecks(both)(statement, signed, block);
  });
});
