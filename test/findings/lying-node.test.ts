import { expect } from "chai";
import { hexlify, id as keccakOfText, MaxUint256, toBeHex, type JsonRpcProvider } from "ethers";

import { encodeKeyDocument } from "../../src/crypto/index.js";
import { digestOfKeyDocument } from "../../src/sdk/handover/key-documents.js";
import {
  connect,
  EVERY_STEWARD,
  type CarriedKeyDocument,
  type Client,
  type DeliveryFile,
  type KeysFile,
  type KeyDocumentSignature,
} from "../../src/sdk/index.js";
import { domainOf, type MessageType } from "../../src/sdk/chain/typed-data.js";
import { ACCOUNT_INVITATION, KEY_CHANGE } from "../../src/sdk/handover/signed/accounts.js";
import { ANCHOR_STATEMENT, KEY_RELEASE } from "../../src/sdk/handover/signed/for-readers.js";
import { readSignedAction } from "../../src/sdk/handover/signed-action.js";
import { heldSignature } from "../../src/sdk/handover/key-document-signature.js";
import { pinnedOf } from "../../src/sdk/handover/pinned.js";
import { toBase64 } from "../../src/sdk/handover/file.js";
import { signMessage } from "../../src/sdk/handover/signature.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../sdk/helpers.js";
import { type LyingNode, startLyingNode } from "../sdk/lies.js";
import { createDevnet, handOn, relate, throughJson, type Actor, type Devnet, propose } from "../../devnet/index.js";

const MAGIC = "0x1626ba7e".padEnd(66, "0");

/**
 * A node made a reader accept a made-up signature, key, name, account and record. Here is a node that lies before an honest
 * one, alone: what it says contradicts what the vault accepted before, or what somebody signed, or itself.
 */
describe("a node that lies", () => {
  let world: Devnet;
  let clinic: Actor;
  let quack: Actor;
  let alice: Actor;
  let mallory: Actor;
  let node: LyingNode;
  let provider: JsonRpcProvider;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, quack] = [await world.institution("General Hospital"), await world.institution("General Quackery")];
    mallory = await world.patient("mallory");
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
    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
    await write("a note");
    await handOn(clinic, alice, alice.id);
  });

  const write = (content: string) =>
    clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes(content) });
  /** A client of somebody's who believes that the node is honest. */
  const deceived = (actor: Actor, options = {}): Promise<Client> =>
    world.clientOf(actor, { runner: actor.wallet.connect(provider), ...options });
  const grant = async (viewer: Actor) => ({
    ...{ viewer: viewer.id, categories: ["CARE"] as const, purpose: "TREAT" as const, steward: EVERY_STEWARD },
    until: await inFuture(world, HOUR),
  });
  const release = (viewer: Actor) => ({ patient: alice.id, viewer: viewer.id, purpose: "TREAT" as const });
  /** A grant of the clinic's, as somebody else makes it up. */
  async function forged(signer: Actor, account?: string): Promise<KeysFile> {
    const true_ = (await clinic.client.deliver({ patient: alice.id, viewer: alice.id, again: true })).grant!;
    const message = { ...true_.message, issuedAt: Number(true_.message["issuedAt"]) + 1 };
    const signed = await signMessage(signer.client, KEY_RELEASE, message);
    return throughJson({ ...true_, ...signed, ...(account === undefined ? {} : { account }) });
  }

  /** A signature over a message for the Registrar, made for this chain or another one. */
  const signedFor = (by: Actor, { types }: MessageType, message: object, chainId = world.deployment.chainId) =>
    by.wallet.signTypedData({ ...domainOf(world.deployment, "Registrar"), chainId }, types, message);
  const epochOf = async ({ id }: Actor) =>
    Number((await world.authority.contracts.Registrar.epochsOf(id)).signatureEpoch);
  /** A transaction with a call to the Registrar, mined though the contract refuses it. */
  async function mined(method: string, args: unknown[]): Promise<string> {
    const call = mallory.client.contracts.Registrar.interface.encodeFunctionData(method as never, args as never);
    const to = world.deployment.contracts.Registrar;
    const sending = mallory.wallet.sendTransaction({ to, data: call, gasLimit: 500_000 });
    await sending.then((sent) => sent.wait()).catch(() => undefined);
    return (await provider.getBlock("latest"))!.transactions[0]!;
  }

  describe("about a signature", () => {
    it("has nobody take it for a contract account's, where the account signs with its own key", async () => {
      const file = await forged(mallory, clinic.wallet.address);
      node.code(clinic.wallet.address, "0x60", MAGIC);
      await expectCode("HANDOVER_ALTERED", (await deceived(alice)).takeKeys({ file }));
    });

    it("has nobody take it either where the account was never seen before", async () => {
      const bob = await world.patient("bob");
      const file = { ...(await forged(mallory, clinic.wallet.address)), signature: `0x${"5a".repeat(65)}` };
      node.code(clinic.wallet.address, "0x60", MAGIC);
      await expectCode("HANDOVER_ALTERED", (await deceived(bob)).takeKeys({ file }));
      // Where the contract finds out in the end, a known account isn't asked about, either.
      const offer = throughJson(await clinic.client.offerRelationship({ patient: alice.id }));
      await alice.client.endRelationship({ patient: alice.id, provider: clinic.id });
      const client = await deceived(alice);
      const altered = { ...offer, signature: `0x${"5a".repeat(65)}` };
      await expectCode("HANDOVER_ALTERED", client.acceptOffer({ offer: altered }));
    });

    it("has no account act for an institution that it doesn't belong to", async () => {
      const client = await deceived(alice);
      const file = await forged(mallory);
      node.answers("Registrar", "participantOf", ([account]) =>
        account === mallory.wallet.address ? [clinic.id] : undefined,
      );
      await expectCode("ACCOUNT_UNPROVEN", client.takeKeys({ file }));
      node.event("Registrar", "AccountAdded", [clinic.id, mallory.wallet.address, 0, 0]);
      await expectCode("ACCOUNT_UNPROVEN", client.takeKeys({ file }));
    });

    it("has no account added by a transaction that somebody else signed, nor by a recovery that institutions don't have", async () => {
      const client = await deceived(alice);
      const file = await forged(mallory);
      node.answers("Registrar", "participantOf", ([account]) =>
        account === mallory.wallet.address ? [clinic.id] : undefined,
      );
      // It adds an account indeed: to somebody else.
      const helper = await world.actor(`helper ${patients}`);
      const joining = throughJson(await helper.client.signJoining({ participant: mallory.id }));
      const { receipt } = await mallory.client.addAccount({ file: joining });
      const transaction = receipt.hash;
      node.event("Registrar", "AccountAdded", [clinic.id, mallory.wallet.address, 0, 0], { transaction });
      await expectCode("ACCOUNT_UNPROVEN", client.takeKeys({ file }));
      node.event("Registrar", "Recovered", [clinic.id, 1, 1, mallory.wallet.address]);
      await expectCode("ACCOUNT_UNPROVEN", client.takeKeys({ file }));
    });

    it("has no account added by an operator whom the contract refuses", async () => {
      const operator = await world.actor(`operator ${patients}`);
      const wish = throughJson(await operator.client.signJoining({ participant: clinic.id }));
      await clinic.client.addAccount({ file: wish });
      const client = await deceived(alice);
      expect((await client.takeKeys({ file: await forged(operator) })).keys, "it is known").to.equal(1);
      node.answers("Registrar", "participantOf", ([account]) =>
        account === mallory.wallet.address ? [clinic.id] : undefined,
      );
      const joining = throughJson(await mallory.client.signJoining({ participant: clinic.id }));
      const { account, signature, message } = joining;
      const wished = { account, signature, deadline: Number(message["deadline"]) };
      const sending = operator.client.contracts.Registrar.addAccount(0, wished, { gasLimit: 500_000 });
      await sending.then((sent) => sent.wait()).catch(() => undefined);
      // It was mined, though the contract refused it.
      const transaction = (await provider.getBlock("latest"))!.transactions[0]!;
      expect((await provider.getTransaction(transaction))?.from).to.equal(operator.wallet.address);
      node.event("Registrar", "AccountAdded", [clinic.id, mallory.wallet.address, 0, 0], { transaction });
      await expectCode("ACCOUNT_UNPROVEN", client.takeKeys({ file: await forged(mallory) }));
    });

    it("makes no owner of an account that the institution adds as an operator", async () => {
      const joining = await (await world.actor("a nurse")).client.signJoining({ participant: clinic.id });
      const client = await deceived(clinic);
      await client.describeParticipant({ id: clinic.id });
      node.answers("Registrar", "isPerson", () => [true]);
      expect((await client.signAddAccount({ file: joining })).message["scope"]).to.equal("operator");
      node.answers("Registrar", "nameDigestOf", () => [keccakOfText("")]);
      await expectCode("NAME_CHANGED", client.signAddAccount({ file: joining }));
    });

    for (const [how, isRelayed] of [
      ["added itself", false],
      ["invited, whoever relays that", true],
    ] as const) {
      it(`doesn't keep an account out that the institution ${how}`, async () => {
        const second = await world.actor(`another account, ${how}`);
        const joining = throughJson(await second.client.signJoining({ participant: clinic.id }));
        if (isRelayed) {
          const file = throughJson(await clinic.client.signAddAccount({ file: joining }));
          // What was signed and cancelled since is of an earlier epoch than the present one.
          await mallory.client.relay({ file });
          await clinic.client.cancelSignatures();
        } else await clinic.client.addAccount({ file: joining });
        const client = await deceived(alice);
        expect((await client.takeKeys({ file: await forged(second) })).keys).to.equal(1);
      });
    }

    it("has no account added by an invitation that a known owner didn't sign for it", async () => {
      const operator = await world.actor(`inviting operator ${patients}`);
      const wish = throughJson(await operator.client.signJoining({ participant: clinic.id }));
      await clinic.client.addAccount({ file: wish });
      const client = await deceived(alice);
      expect((await client.takeKeys({ file: await forged(operator) })).keys, "it is known").to.equal(1);
      const account = mallory.wallet.address;
      node.answers("Registrar", "participantOf", ([asked]) => (asked === account ? [clinic.id] : undefined));
      const joining = throughJson(await mallory.client.signJoining({ participant: clinic.id }));
      const deadline = Number(joining.message["deadline"]);
      const invitation = { participant: clinic.id, account, scope: "operator", signatureEpoch: 0, deadline };
      const stranger = (await world.actor(`stranger ${patients}`)).wallet.address;
      const wrong: [string, Actor, string, object, number?][] = [
        ["somebody else's word", mallory, clinic.wallet.address, {}],
        ["somebody else's word, as its own", mallory, account, {}],
        ["an operator's", operator, operator.wallet.address, {}],
        ["for another account", clinic, clinic.wallet.address, { account: stranger }],
        ["of another participant", clinic, clinic.wallet.address, { participant: mallory.id }],
        ["as something else", clinic, clinic.wallet.address, { scope: "owner" }],
        ["for another time", clinic, clinic.wallet.address, { deadline: deadline + 1 }],
        ["on another chain", clinic, clinic.wallet.address, {}, 1],
      ];
      const attempt = async (by: Actor, as: string, change: object, chainId?: number) => {
        const message = { ...invitation, signatureEpoch: await epochOf(clinic), ...change };
        const signed = { account: as, deadline, signature: await signedFor(by, ACCOUNT_INVITATION, message, chainId) };
        const joins = { account, deadline, signature: joining.signature };
        const transaction = await mined("addAccountWithSig", [0, joins, signed]);
        node.event("Registrar", "AccountAdded", [clinic.id, account, 0, 0], { transaction });
        return client.takeKeys({ file: await forged(mallory) });
      };
      for (const [what, by, as, change, chainId] of wrong) {
        const error = await attempt(by, as, change, chainId).catch((each: unknown) => each);
        expect(error, what).to.have.property("code", "ACCOUNT_UNPROVEN");
      }
      // Nothing else was in the way.
      expect((await attempt(clinic, clinic.wallet.address, {})).keys).to.equal(1);
    });
  });

  describe("about a key", () => {
    let evil: string;
    beforeEach(async () => {
      const { publicKey } = await mallory.vault.identity.keyPair();
      const document = encodeKeyDocument({ publicKey });
      evil = digestOfKeyDocument(document);
      await mallory.client.keyDocuments!.put!(evil, document);
    });
    const says = (participant: Actor, key: string, version = 1) => {
      node.answers("Registrar", "keyDocumentOf", ([id]) => (id === BigInt(participant.id) ? [key] : undefined));
      node.answers("Registrar", "keyVersionOf", ([id]) => (id === BigInt(participant.id) ? [version] : undefined));
    };

    for (const [what, version] of [
      ["in the place of the known one", 1],
      ["that was never announced", 2],
    ] as const) {
      it(`gets nothing wrapped for one ${what}`, async () => {
        const client = await deceived(clinic);
        says(alice, evil, version);
        const error = await expectCode("KEY_CHANGED", client.releaseKeys(release(alice)));
        expect(error.details).to.deep.include({ participant: alice.id });
        await expectCode("KEY_CHANGED", client.deliver({ ...release(alice), again: true }));
        await expectCode("KEY_CHANGED", client.proposeRelationship({ patient: alice.id }));
        await expectCode("KEY_CHANGED", client.challengeKey({ participant: alice.id }));
      });
    }

    it("gets nothing wrapped for one that it names at a first meeting, and no event tells of", async () => {
      const bob = await world.patient("bob at the desk");
      const client = await deceived(clinic);
      says(bob, evil);
      const error = await expectCode("KEY_CHANGED", client.offerRelationship({ patient: bob.id }));
      expect(error.details).not.to.have.property("accepted");
    });

    it("gets nothing older wrapped for one that it announces itself, nor after a recovery that it made up", async () => {
      const client = await deceived(clinic);
      says(alice, evil, 2);
      node.event("Registrar", "KeyChanging", [alice.id, evil, 2, 1]);
      await expectCode("KEY_UNCONFIRMED", client.releaseKeys(release(alice)));
      node.event("Registrar", "Recovered", [alice.id, 1, 1, mallory.wallet.address]);
      await expectCode("KEY_UNCONFIRMED", client.releaseKeys(release(alice)));
    });

    it("gets nothing at all wrapped for an institution's that it announces itself", async () => {
      await alice.client.grantAccess(await grant(quack));
      await alice.client.releaseKeys(release(quack));
      const client = await deceived(alice);
      says(quack, evil, 2);
      node.event("Registrar", "KeyChanging", [quack.id, evil, 2, 1]);
      await expectCode("KEY_UNCONFIRMED", client.releaseKeys(release(quack)));
      node.event("Registrar", "KeyChanging", [quack.id, evil, 2, MaxUint256 >> 216n]);
      await expectCode("KEY_CHANGED", client.releaseKeys(release(quack)));
    });

    describe("of an institution that this vault knows", () => {
      let insurer: Actor;
      let others = 0;
      beforeEach(async () => {
        insurer = await world.institution(`Mutual Insurance ${++others}`);
        await alice.client.grantAccess({ ...(await grant(insurer)), until: await inFuture(world, 200 * HOUR) });
        await clinic.client.releaseKeys(release(insurer));
      });
      const keyOf = async ({ id }: Actor) => world.authority.contracts.Registrar.keyDocumentOf(id);
      /** The insurer changes its key, signed and relayed or by itself, and that counts. */
      async function changed(isRelayed: boolean): Promise<string> {
        const { receipt } = isRelayed
          ? await mallory.client.relay({ file: throughJson(await insurer.client.signChangeKey()) })
          : await insurer.client.changeKey();
        await world.increaseTime(49 * HOUR);
        await world.reopen(insurer);
        return receipt.hash;
      }
      /** Keys go to the new key, of what began after it alone. */
      async function expectItsWord(client: Client): Promise<void> {
        await expectCode("KEY_UNCONFIRMED", client.releaseKeys(release(insurer)));
        await write("younger than the key");
        expect((await client.releaseKeys(release(insurer))).wraps).to.have.length(1);
      }
      /** A node that has no transactions any more. */
      const forgetTransactions = () => {
        const before = node.proxy.before;
        node.proxy.before = (request) =>
          request.method === "eth_getTransactionByHash" ? { result: null } : before(request);
      };

      it("is taken for its word where it signed the change, whoever relays that", async () => {
        await changed(true);
        await expectItsWord(await deceived(clinic));
      });

      it("is made up by nobody who signs otherwise", async () => {
        const own = insurer.wallet.address;
        const deadline = await inFuture(world, HOUR);
        const change = { participant: insurer.id, keyDocument: evil, keyVersion: 2, signatureEpoch: 0, deadline };
        const client = await deceived(clinic);
        says(insurer, evil, 2);
        const wrong: [string, Actor, string, object, number?][] = [
          ["somebody else", mallory, own, {}],
          ["somebody else, as itself", mallory, mallory.wallet.address, {}],
          ["of another participant", insurer, own, { participant: mallory.id }],
          ["for another key", insurer, own, { keyDocument: await keyOf(quack) }],
          ["for another version", insurer, own, { keyVersion: 3 }],
          ["for another time", insurer, own, { deadline: deadline + 1 }],
          ["on another chain", insurer, own, {}, 1],
        ];
        const attempt = async (by: Actor, account: string, more: object, chainId?: number) => {
          const signature = await signedFor(by, KEY_CHANGE, { ...change, ...more }, chainId);
          const transaction = await mined("changeKeyWithSig", [evil, { account, deadline, signature }]);
          node.event("Registrar", "KeyChanging", [insurer.id, evil, 2, 1], { transaction });
          return client.releaseKeys(release(insurer));
        };
        for (const [what, by, account, more, chainId] of wrong) {
          const error = await attempt(by, account, more, chainId).catch((each: unknown) => each);
          expect(error, what).to.have.property("code", "KEY_UNCONFIRMED");
          expect(pinnedOf(client, insurer.id)!.keyVersion, what).to.equal(1);
        }
        // Nothing else was in the way of its being known; what is older waits for a person's confirmation all the same.
        await expectCode("KEY_UNCONFIRMED", attempt(insurer, own, {}));
        expect(pinnedOf(client, insurer.id)).to.include({ keyVersion: 2, keyDocument: evil });
      });

      it("gets nothing that was begun while the former one was seen to count, whatever the node says of the time", async () => {
        const client = await deceived(clinic);
        await write("another note");
        await client.releaseKeys(release(insurer));
        const transaction = await changed(false);
        const key = await keyOf(insurer);
        node.event("Registrar", "KeyChanging", [insurer.id, key, 2, 1], { transaction });
        await expectItsWord(client);
      });

      it("is taken for its word by the signature that its document brings, where no transaction can be had", async () => {
        const file = throughJson(await (await changed(false), insurer.client.ownKeyDocument()));
        const [{ document, signed }] = file.documents as [Required<CarriedKeyDocument>];
        const client = await deceived(clinic);
        forgetTransactions();
        await expectCode("KEY_UNCONFIRMED", client.releaseKeys(release(insurer)));
        const take = (changes: object) =>
          client.takeKeyDocument({ file: { ...file, documents: [{ document, ...changes }] } });
        const digest = await keyOf(insurer);
        const signatureOf = async (by: Actor, participant: number, of = digest, chainId = world.deployment.chainId) => {
          const domain = { ...domainOf(world.deployment, "Records"), chainId };
          const statement = { patient: participant, author: participant, digest: of, count: 0 };
          const signature = await by.wallet.signTypedData(domain, ANCHOR_STATEMENT.types, statement);
          return { participant: insurer.id, account: by.wallet.address, signature };
        };
        await take({});
        await expectCode("KEY_UNCONFIRMED", client.releaseKeys(release(insurer)));
        const attempts: [string, string, KeyDocumentSignature][] = [
          ["somebody else's", "ACCOUNT_UNPROVEN", await signatureOf(mallory, insurer.id)],
          ["forged", "HANDOVER_ALTERED", { ...(await signatureOf(mallory, insurer.id)), account: signed.account }],
          ["another participant's", "HANDOVER_ALTERED", await signatureOf(insurer, quack.id)],
          [
            "for another participant",
            "KEY_DOCUMENT_DIFFERS",
            { ...(await signatureOf(quack, quack.id)), participant: quack.id },
          ],
          ["of another key", "HANDOVER_ALTERED", await signatureOf(insurer, insurer.id, evil)],
          ["of another chain", "HANDOVER_ALTERED", await signatureOf(insurer, insurer.id, digest, 1)],
        ];
        for (const [what, code, given] of attempts) {
          const error = await take({ signed: given }).catch((each: unknown) => each);
          expect(error, what).to.have.property("code", code);
          await write(`younger, ${what}`);
          await expectCode("KEY_UNCONFIRMED", client.releaseKeys(release(insurer)));
        }
        await take({ signed });
        expect((await client.releaseKeys(release(insurer))).wraps).to.have.length(1);
        // Nobody else's takes its place afterwards, by whatever file it comes.
        expect(heldSignature(client, digest)).to.deep.equal(signed);
        const planted = { document, signed: await signatureOf(mallory, insurer.id) };
        const signedAction = throughJson(await insurer.client.signChangeKey());
        await readSignedAction(client, { ...signedAction, keyDocuments: [planted] }, 0);
        expect(heldSignature(client, digest)).to.deep.equal(signed);
      });

      it("doesn't come back once another one counted: one that was replaced may be known to a thief", async () => {
        const first = throughJson(await insurer.client.ownKeyDocument());
        await clinic.client.takeKeyDocument({ file: first });
        const former = await keyOf(insurer);
        await changed(false);
        const client = await deceived(clinic);
        await write("younger than the key");
        await client.releaseKeys(release(insurer));
        says(insurer, former, 3);
        node.event("Registrar", "KeyChanging", [insurer.id, former, 3, 1]);
        await write("younger than the key that came back");
        await expectCode("KEY_CHANGED", client.releaseKeys(release(insurer)));
      });
    });

    it("doesn't keep a change back that its holder signed", async () => {
      await alice.client.changeKey();
      await world.increaseTime(49 * HOUR);
      await world.reopen(alice);
      const client = await deceived(clinic);
      await expectCode("KEY_UNCONFIRMED", client.releaseKeys(release(alice)));
      const younger = await write("younger than the key");
      expect((await client.releaseKeys(release(alice))).wraps).to.have.length(1);
      await handOn(clinic, alice, alice.id);
      expect(text((await alice.client.openRecord({ digest: younger.digest })).content)).to.match(/younger/);
    });
  });

  describe("about a name", () => {
    const rename = () => {
      node.answers("Registrar", "nameDigestOf", ([id]) =>
        id === BigInt(quack.id) ? [keccakOfText("General Hospital")] : undefined,
      );
      node.renames("General Quackery", "General Hospital");
    };

    it("stops every grant and approval, with both names", async () => {
      const client = await deceived(alice);
      expect((await client.describeParticipant({ id: quack.id })).name).to.equal("General Quackery");
      await propose(quack, alice.id, [alice]);
      const [proposal] = await client.listPending();
      rename();
      const terms = await grant(quack);
      const attempts = [
        () => client.grantAccess(terms),
        () => client.signGrantAccess(terms),
        () => client.changeConsents({ grants: [terms] }),
        () => client.describeParticipant({ id: quack.id }),
        () => client.approveRelationship(proposal!),
        () => client.signApproveRelationship(proposal!),
      ];
      for (const attempt of attempts) {
        const error = await expectCode("NAME_CHANGED", attempt);
        expect(error.details).to.deep.include({ accepted: "General Quackery", named: "General Hospital" });
        expect(error.message).to.include("General Quackery").and.include("General Hospital");
      }
      expect((await client.listPending())[0]!.problem).to.include("General Quackery");
    });

    it("stops no revocation: it is signed for the name that was accepted", async () => {
      await alice.client.grantAccess(await grant(quack));
      const client = await deceived(alice);
      await client.describeParticipant({ id: quack.id });
      rename();
      const file = throughJson(await client.signRevokeAccess({ viewer: quack.id }));
      expect(file.message["viewerName"]).to.equal("General Quackery");
      await clinic.client.relay({ file });
      await client.revokeAccess({ viewer: quack.id, purpose: "TREAT", steward: EVERY_STEWARD });
    });

    it("is forgotten only when somebody says so", async () => {
      const client = await deceived(alice);
      await client.describeParticipant({ id: quack.id });
      rename();
      await expectCode("NAME_CHANGED", client.describeParticipant({ id: quack.id }));
      expect(await client.forgetParticipant({ participant: quack.id })).to.equal(true);
      expect((await client.describeParticipant({ id: quack.id })).name).to.equal("General Hospital");
    });
  });

  describe("about a history", () => {
    /** A record that the clinic sealed, and never anchored. */
    async function neverAnchored(): Promise<{ digest: string; envelope: string }> {
      node.proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? "hang up" : undefined);
      const client = await deceived(clinic);
      const content = bytes("made up");
      await expectCode("CHAIN_UNREACHABLE", client.addRecord({ patient: alice.id, category: "CARE", content }));
      node.honest();
      const { digest } = clinic.vault.envelopes.list({ patient: alice.id, status: "pending" })[0]!;
      return { digest: hexlify(digest), envelope: toBase64(clinic.vault.envelopes.get(digest)!.bytes) };
    }
    const fileOf = async (envelope: string) => {
      const [file] = (await clinic.client.deliver({ patient: alice.id, viewer: alice.id, again: true })).envelopes;
      return throughJson({ ...file!, envelopes: [envelope] });
    };

    it("has no record opened or taken in by an event that it made up", async () => {
      const { digest, envelope } = await neverAnchored();
      const file = await fileOf(envelope);
      const block = await world.provider.getBlockNumber();
      node.event("Records", "RecordAnchored", [alice.id, clinic.id, 2, digest], { block });
      // Alice has verified the history up to there, the clinic hasn't.
      await expectCode("RECORD_NOT_ANCHORED", (await deceived(alice)).takeEnvelopes({ file }));
      await expectCode("HISTORY_UNVERIFIED", (await deceived(clinic)).openRecord({ digest }));
      node.answers("Records", "headOf", () => [(0xabcn << 40n) | 2n]);
      node.answers("Summary", "readingOf", () => [(0xabcn << 40n) | 2n, clinic.id]);
      await expectCode("HISTORY_UNVERIFIED", (await deceived(alice)).takeEnvelopes({ file }));
      await expectCode("HISTORY_UNVERIFIED", (await deceived(clinic)).openRecord({ digest }));
    });

    it("can't change what was verified before, and opening reads only what came since", async () => {
      const second = await write("second");
      await handOn(clinic, alice, alice.id);
      const client = await deceived(alice);
      const open = async (digest: string) => text((await client.openRecord({ digest })).content);
      expect(await open(second.digest)).to.equal("second");
      node.proxy.calls.length = 0;
      expect(await open(second.digest)).to.equal("second");
      expect(node.proxy.calls).not.to.include("eth_getLogs");
      // It leaves the last one out, and takes it out of the head.
      const third = await write("third");
      await handOn(clinic, alice, alice.id);
      node.answers("Records", "headOf", () => [toBeHex(3n, 32)]);
      node.answers("Summary", "readingOf", () => [toBeHex(3n, 32), alice.id]);
      await expectCode("HISTORY_UNVERIFIED", client.openRecord({ digest: third.digest }));
      node.honest();
      expect(await open(third.digest)).to.equal("third");
    });

    it("of another patient, who has many records, is read no more than once", async () => {
      for (let i = 0; i < 3; i++) await write(`more ${i}`);
      const delivery: DeliveryFile = throughJson(await clinic.client.deliver({ patient: alice.id, viewer: alice.id }));
      const client = await deceived(alice);
      await client.takeDelivery({ file: delivery });
      const records = await client.listRecords();
      node.proxy.calls.length = 0;
      for (const { digest } of records) await client.openRecord({ digest });
      expect(node.proxy.calls).not.to.include("eth_getLogs");
    });
  });
});
