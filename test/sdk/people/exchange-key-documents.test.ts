import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { getBytes } from "ethers";

import { watched, type SeenFile } from "../../../bench/linkage/observer.js";
import { encodeKeyDocument } from "../../../src/crypto/index.js";
import {
  identitySalt,
  type KeyDocumentFile,
  type KeyDocuments,
  type SignedActionFile,
} from "../../../src/sdk/index.js";
import { ANCHOR_STATEMENT } from "../../../src/sdk/handover/signed/for-readers.js";
import { signMessage } from "../../../src/sdk/handover/signature.js";
import { heldSignature, keyDocumentStatement } from "../../../src/sdk/handover/key-document-signature.js";
import { digestOfKeyDocument } from "../../../src/sdk/handover/key-documents.js";
import { keyDocumentOf } from "../../../src/sdk/people/participants.js";
import { sha256FromCid } from "../../../src/storage/index.js";
import { ContractAccountSigner } from "../contract-account.js";
import { bytes, expectCode, HOUR, inFuture, text, thisYear } from "../helpers.js";
import {
  type Actor,
  childRequest,
  createDevnet,
  type Devnet,
  handOn,
  relate,
  throughJson,
} from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("key documents", () => {
  let world: Devnet;
  let clinic: Actor;
  let insurer: Actor;
  let alice: Actor;
  let back: () => Promise<boolean>;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    insurer = await world.institution("Mutual Insurance");
    alice = await world.patient("Alice");
  });
  after(() => world.close());
  beforeEach(async () => {
    back = await world.snapshot();
    for (const actor of [clinic, insurer, alice]) await alone(actor);
  });
  afterEach(() => back());

  /** From then on an actor gets documents in files alone, or from this source. */
  const alone = async (actor: Actor, keyDocuments: KeyDocuments = { get: async () => undefined }) => {
    actor.client = await world.clientOf(actor, { keyDocuments });
  };
  /** An actor hands its document over, or the one of `of`. */
  const hand = async (from: Actor, to: Actor, of = from) => {
    const file = throughJson(await from.client.ownKeyDocument({ participant: of.id }));
    return to.client.takeKeyDocument({ file });
  };
  const offer = async () => throughJson(await clinic.client.offerRelationship({ patient: alice.id }));
  const related = async () => {
    await hand(alice, clinic);
    await relate(clinic, alice);
  };
  const write = (content: string) =>
    clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes(content) });
  const grant = async () => ({
    ...({ viewer: insurer.id, purpose: "TREAT", categories: ["CARE"], steward: clinic.id } as const),
    until: await inFuture(world, 30 * DAY),
  });
  const relayed = (file: SignedActionFile, by = clinic) => by.client.relay({ file: throughJson(file) });
  const deliver = (from = clinic) => from.client.deliver({ patient: alice.id, viewer: insurer.id, purpose: "TREAT" });
  const digestOf = async (actor: Actor) => world.authority.contracts.Registrar.keyDocumentOf(actor.id);

  it("travel in files: the whole workflow needs nothing else", async () => {
    const missing = await expectCode("KEY_DOCUMENT_MISSING", offer());
    expect(missing.details).to.deep.equal({
      participant: alice.id,
      keyVersion: 1,
      keyDocument: await digestOf(alice),
    });
    expect(missing.hint).to.include(`participant ${alice.id}`).and.include("--take");
    const keyVersion = 1;
    expect(await hand(alice, clinic)).to.deep.equal({ participant: alice.id, keyVersion, current: true });
    await alice.client.acceptOffer({ offer: await offer() });
    const { digest } = await write("a note");
    await handOn(clinic, alice, alice.id);
    expect(text((await alice.client.openRecord({ digest })).content)).to.equal("a note");

    await hand(insurer, alice);
    // Alice's grant carries the insurer's document to the clinic that relays it, and that gives the keys.
    await relayed(await alice.client.signGrantAccess(await grant()));
    await handOn(clinic, insurer, alice.id);
    expect(text((await insurer.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("a note");
  });

  it("of who signs, offers and delivers come with the file", async () => {
    const bob = await world.actor("Bob", { ether: false });
    await alone(bob);
    await relayed(await bob.client.signRegisterPatient());
    bob.id = await bob.client.ownId();
    // Bob handed over nothing but what he signed, and the clinic nothing but its offer.
    await relate(clinic, await funded(bob));
    expect((await keyDocumentOf(bob.client, clinic.id)).keyVersion).to.equal(1);

    await related();
    await write("a note");
    await hand(insurer, clinic);
    await alice.client.grantAccess(await grant());
    await handOn(clinic, insurer, alice.id);
    expect((await keyDocumentOf(insurer.client, clinic.id)).keyVersion).to.equal(1);
    await expectCode("KEY_DOCUMENT_MISSING", keyDocumentOf(insurer.client, alice.id));
  });

  const funded = async (actor: Actor) => {
    const funder = await world.provider.getSigner(0);
    await (await funder.sendTransaction({ to: actor.wallet.address, value: 10n ** 18n })).wait();
    return actor;
  };

  it("of somebody else are handed on by who has them", async () => {
    await expectCode("KEY_DOCUMENT_MISSING", hand(alice, clinic, insurer));
    await hand(insurer, alice);
    await hand(alice, clinic, insurer);
    expect((await keyDocumentOf(clinic.client, insurer.id)).keyVersion).to.equal(1);
  });

  it("travel with their owner's signature, through whoever hands them on, and are signed once", async () => {
    const digest = await digestOf(alice);
    const { documents } = throughJson(await alice.client.ownKeyDocument());
    const { signed } = documents[0]!;
    expect(signed).to.deep.include({ participant: alice.id, account: alice.wallet.address });
    expect((await alice.client.ownKeyDocument()).documents).to.deep.equal(documents);
    await hand(alice, clinic);
    await hand(alice, insurer, alice);
    expect((await clinic.client.ownKeyDocument({ participant: alice.id })).documents).to.deep.equal(documents);
    // What she signs, and what others hand on in such a file, brings them as well.
    await hand(insurer, alice);
    const file = throughJson(await alice.client.signGrantAccess({ ...(await grant()), steward: 0 }));
    const bob = await world.patient("Bob");
    await bob.client.relay({ file });
    expect(heldSignature(bob.client, digest)).to.deep.equal(signed);
    expect(heldSignature(bob.client, await digestOf(insurer))).to.deep.include({ participant: insurer.id });
    for (const change of [{ account: insurer.wallet.address }, { participant: bob.id }, { extra: 1 }, { account: 7 }]) {
      const [own] = file.keyDocuments!;
      const altered = { ...file, keyDocuments: [{ ...own, signed: { ...signed, ...change } }] };
      const error = await bob.client.relay({ file: altered }).catch((each: unknown) => each);
      expect(error, JSON.stringify(change))
        .to.have.property("code")
        .that.matches(/^HANDOVER_(ALTERED|MALFORMED)$/);
    }
  });

  it("of a contract account, and of a child, are signed by nobody, and taken", async () => {
    const helper = await world.actor("helper");
    const contract = await ContractAccountSigner.deploy(helper.wallet);
    helper.client = await world.clientOf(helper, { runner: contract });
    const { documents } = await helper.client.ownKeyDocument({
      participant: (helper.id = await registered(await helper.client.signRegisterPatient())),
    });
    expect(documents[0]).not.to.have.property("signed");
    expect(await hand(helper, clinic)).to.include({ current: true });

    const request = { ...(await childRequest(alice)), identifier: "mrn|9", salt: identitySalt() };
    const asked = { ...request, comesOfAgeIn: await thisYear(world) };
    const attestation = throughJson(await clinic.client.attestChild(asked));
    const { participant: child } = await alice.client.registerChild({ attestation });
    const file = throughJson(await alice.client.ownKeyDocument({ participant: child }));
    expect(file.documents[0]).not.to.have.property("signed");
    expect(await clinic.client.takeKeyDocument({ file })).to.include({ participant: child, current: true });
    // The representative's account isn't the child's: a signature of it speaks for nobody.
    const { document } = file.documents[0]!;
    const digest = digestOfKeyDocument(Buffer.from(document, "base64"));
    const statement = keyDocumentStatement(child, digest);
    const { account, signature } = await signMessage(alice.client, ANCHOR_STATEMENT, statement);
    const signed = { participant: child, account, signature };
    const planted = { ...file, documents: [{ document, signed }] };
    await expectCode("ACCOUNT_UNPROVEN", insurer.client.takeKeyDocument({ file: planted }));
  });

  const registered = async (file: SignedActionFile) => Number((await relayed(file)).events["PatientRegistered"]!["id"]);

  it("that somebody planted are refused, and nothing of them is kept", async () => {
    const own = throughJson(await alice.client.ownKeyDocument());
    const planted = { ...own, ...{ documents: (await insurer.client.ownKeyDocument()).documents } };
    const error = await expectCode("KEY_DOCUMENT_DIFFERS", clinic.client.takeKeyDocument({ file: planted }));
    expect(error.details["participant"]).to.equal(alice.id);
    await expectCode("KEY_DOCUMENT_MISSING", offer());
    await expectCode("KEY_DOCUMENT_MISSING", keyDocumentOf(clinic.client, insurer.id));

    const nobodys = { ...own, participant: 99 };
    await expectCode("UNKNOWN_PARTICIPANT", clinic.client.takeKeyDocument({ file: nobodys }));
    const broken = { ...own, documents: [{ document: own.documents[0]!.document.slice(4) }] };
    await expectCode("KEY_DOCUMENT_MALFORMED", clinic.client.takeKeyDocument({ file: broken }));
    await expectCode("KEY_DOCUMENT_DIFFERS", clinic.client.takeKeyDocument({ file: { ...own, documents: [] } }));
    await expectCode("HANDOVER_MALFORMED", clinic.client.takeKeyDocument({ file: { ...own, keyDocuments: [] } }));
    // The right one among others counts.
    const mixed: KeyDocumentFile = { ...own, documents: [...planted.documents, ...own.documents] };
    await clinic.client.takeKeyDocument({ file: mixed });
    await offer();
    await expectCode("KEY_DOCUMENT_MISSING", keyDocumentOf(clinic.client, insurer.id));
  });

  it("that were swapped in a file on its way are worth nothing", async () => {
    const bob = await world.actor("Bob", { ether: false });
    const signed = throughJson(await bob.client.signRegisterPatient());
    expect(signed.keyDocuments).to.have.lengthOf(1);
    const swapped = { ...signed, keyDocuments: (await insurer.client.ownKeyDocument()).documents };
    await relayed(swapped);
    await expectCode("KEY_DOCUMENT_MISSING", keyDocumentOf(clinic.client, await bob.client.ownId()));
    for (const keyDocuments of [
      [{ document: "AAAA" }],
      Array(17).fill(signed.keyDocuments![0]),
      signed.keyDocuments![0],
      [7],
    ]) {
      const file = { ...signed, keyDocuments } as SignedActionFile;
      await expectCode("HANDOVER_MALFORMED", relayed(file));
    }
  });

  it("of a key that was announced go out before it counts, and older ones are stale after", async () => {
    await related();
    const stale = throughJson(await alice.client.ownKeyDocument());
    await relayed(await alice.client.signChangeKey());
    const both = throughJson(await alice.client.ownKeyDocument());
    expect([stale.documents.length, both.documents.length]).to.deep.equal([1, 2]);
    expect((await insurer.client.takeKeyDocument({ file: both })).current).to.equal(true);
    expect(
      (await insurer.client.takeKeyDocument({ file: { ...both, documents: [both.documents[1]!] } })).current,
    ).to.equal(false);
    await world.increaseTime(2 * DAY);
    await alone(alice);
    await expectCode("KEY_DOCUMENT_DIFFERS", clinic.client.takeKeyDocument({ file: stale }));
    // The clinic relayed the change, and the insurer has it of the file: both seal to the new key.
    for (const { client } of [clinic, insurer]) expect((await keyDocumentOf(client, alice.id)).keyVersion).to.equal(2);
    expect((await alice.client.ownKeyDocument()).documents).to.deep.equal([both.documents[1]]);
  });

  it("of a new key that nobody handed over keep nothing but what is for that key", async () => {
    await related();
    const { digest } = await write("a note");
    await hand(insurer, clinic);
    await alice.client.grantAccess(await grant());
    await insurer.client.changeKey();
    await world.increaseTime(2 * DAY);
    await alone(insurer);
    const error = await expectCode("KEY_DOCUMENT_MISSING", deliver());
    expect(error.details).to.include({ participant: insurer.id, keyVersion: 2 });
    // Others get theirs.
    await handOn(clinic, alice, alice.id);
    expect(text((await alice.client.openRecord({ digest })).content)).to.equal("a note");
    // Nothing was noted as given, or as released.
    expect(await clinic.client.listDisclosures({ patient: alice.id })).to.have.lengthOf(1);
    await hand(insurer, clinic);
    await write("another note");
    expect((await handOn(clinic, insurer, alice.id)).grant!.keys).to.be.greaterThan(0);
  });

  it("come from a service, too, which needn't be trusted", async () => {
    const { documents } = await alice.client.ownKeyDocument();
    const document = new Uint8Array(Buffer.from(documents[0]!.document, "base64"));
    const other = encodeKeyDocument({ publicKey: (await insurer.vault.identity.keyPair()).publicKey });
    const asked: string[] = [];
    const serving = (answer: () => Uint8Array | undefined): KeyDocuments => ({
      get: async (digest) => {
        asked.push(digest);
        return answer();
      },
    });
    await alone(
      clinic,
      serving(() => other),
    );
    await expectCode("KEY_DOCUMENT_DIFFERS", offer());
    await alone(
      clinic,
      serving(() => new Uint8Array()),
    );
    await expectCode("KEY_DOCUMENT_DIFFERS", offer());
    const down = () => {
      throw new Error("it is down");
    };
    await alone(clinic, serving(down));
    expect((await expectCode("KEY_DOCUMENT_MISSING", offer())).cause).to.have.property("message", "it is down");
    await alone(
      clinic,
      serving(() => document),
    );
    await offer();
    await offer();
    // Once it is in the vault, nobody learns that it was needed.
    expect(asked).to.deep.equal(Array(4).fill(await digestOf(alice)));
  });

  it("come back with a backup, the own ones with those of others", async () => {
    await related();
    await world.reopen(clinic);
    await alone(clinic);
    await offer();
    const again = await world.actor("again", {
      backup: { bytes: await clinic.vault.backup("words"), passphrase: "words" },
    });
    const client = await world.clientOf(
      { ...clinic, vault: again.vault },
      { keyDocuments: { get: async () => undefined } },
    );
    await client.offerRelationship({ patient: alice.id });
    expect((await client.ownKeyDocument()).documents).to.have.lengthOf(1);
  });

  it("never stand on IPFS, and their digests on chain are nobody's CIDs", async () => {
    const announced: SeenFile[] = [];
    for (const actor of [clinic, insurer, alice]) {
      actor.store = watched(actor.store, actor.name, announced);
      await alone(actor);
    }
    const bob = await world.patient("Bob");
    await related();
    await alice.client.changeKey();
    await world.increaseTime(2 * DAY);
    await hand(alice, clinic);
    await hand(insurer, clinic);
    expect(announced, "nothing but records is announced").to.deep.equal([]);
    await write("a note");
    await alice.client.grantAccess(await grant());
    await handOn(clinic, insurer, alice.id);
    expect(announced).to.have.lengthOf(1);

    const digests = new Set(await Promise.all([clinic, insurer, alice, bob].map(digestOf)));
    const keys = [clinic, insurer, alice, bob].map(({ vault }) => vault.identity.keyPair());
    const publicKeys = (await Promise.all(keys)).map(({ publicKey }) => Buffer.from(publicKey));
    for (const { cid } of announced)
      expect([...digests].map((digest) => getBytes(digest))).not.to.deep.include(sha256FromCid(cid));
    const files = await readdir(world.ipfs, { recursive: true, withFileTypes: true });
    for (const each of files.filter((file) => file.isFile())) {
      const content = await readFile(join(each.parentPath, each.name));
      for (const publicKey of publicKeys) expect(content.includes(publicKey), each.name).to.equal(false);
    }
  });
});
