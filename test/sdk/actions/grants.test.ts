import { expect } from "chai";
import fc from "fast-check";
import { hexlify } from "ethers";

import { createCompartmentKey, encodeKeyWrap, keyWrapDigest, wrapCompartmentKey } from "../../../src/crypto/index.js";
import type { ChartChainError } from "../../../src/errors/index.js";
import { connect, type Category, type GrantFile } from "../../../src/sdk/index.js";
import { KEY_RELEASE } from "../../../src/sdk/chain/typed-data.js";
import { header } from "../../../src/sdk/handover/file.js";
import { signMessage } from "../../../src/sdk/handover/signature.js";
import { keyDocumentOf } from "../../../src/sdk/participants.js";
import { bytes, expectCode, HOUR, inFuture } from "../helpers.js";
import { mutationsOf } from "../mutations.js";
import { startProxy } from "../proxy.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";

describe("the keys of a grant", () => {
  let world: Devnet;
  let clinic: Actor;
  let lab: Actor;
  let insurer: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, lab, insurer] = await Promise.all([
      world.institution("General Hospital"),
      world.institution("Laboratory"),
      world.institution("Mutual Insurance", ["PAYER"]),
    ]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
    await write("SUMMARY");
    await write("CARE");
  });

  const write = (category: Category, author = clinic) =>
    author.client.addRecord({ patient: alice.id, category, content: bytes(category) });
  const grant = async (viewer: Actor, categories: Category[] = ["SUMMARY", "CARE"]) =>
    alice.client.grantAccess({ viewer: viewer.id, categories, purpose: "TREAT", until: await inFuture(world, HOUR) });
  const to = (viewer: Actor) => ({ patient: alice.id, viewer: viewer.id, purpose: "TREAT" as const });
  const exported = async (changes: object = {}) =>
    throughJson(await clinic.client.exportGrant({ ...to(insurer), ...changes }));
  const take = (file: unknown, actor = insurer) => actor.client.importGrant({ file });
  const heldBy = (actor: Actor) => actor.vault.compartments.list({ patient: alice.id }).length;

  it("are released to whom the patient granted access, logged, and imported once", async () => {
    await grant(insurer);
    const file = await exported();
    expect(file.wraps).to.have.length(2);
    expect(await take(file)).to.deep.equal({ patient: alice.id, granter: clinic.id, keys: 2, added: 2 });
    await expectCode("GRANT_REPLAYED", take(file));
    expect(await take(await exported())).to.deep.include({ keys: 2, added: 0 });
    const [disclosure] = await clinic.client.listDisclosures({ patient: alice.id });
    expect(disclosure).to.deep.include({ patient: alice.id, recipient: insurer.id, purpose: "TREAT", keys: 2 });
    expect((await clinic.client.listDisclosures()).length).to.be.greaterThan(1);
  });

  it("are as few as was asked for, and as was granted", async () => {
    await grant(insurer, ["SUMMARY"]);
    expect((await exported()).wraps).to.have.length(1);
    await grant(insurer);
    expect((await exported()).wraps).to.have.length(2);
    expect((await exported({ categories: ["CARE"] })).wraps).to.have.length(1);
    expect((await exported({ steward: clinic.id })).wraps).to.have.length(2);
    const [first] = await clinic.client.listKeys({ patient: alice.id });
    expect((await exported({ except: [first!.id] })).wraps).to.have.length(1);
  });

  it("aren't released without consent, nor logged", async () => {
    const before = clinic.vault.releases.size;
    const error = await expectCode("CONSENT_DENIED", exported());
    expect(error.details["reason"]).to.equal("NOT_GRANTED");
    const waiting = await world.clientOf(clinic, { finality: 10 });
    await grant(insurer);
    const early = await expectCode("CONSENT_DENIED", waiting.exportGrant(to(insurer)));
    expect(early.details["reason"]).to.equal("NOT_FINAL");
    expect(clinic.vault.releases.size).to.equal(before);
  });

  it("aren't released by somebody who has none, to nobody, or for nothing that exists", async () => {
    await grant(insurer);
    await expectCode("NO_KEYS", insurer.client.exportGrant(to(insurer)));
    await expectCode("NO_KEYS", clinic.client.exportGrant({ ...to(insurer), categories: ["GENOMIC"] }));
    await expectCode("NO_KEYS", clinic.client.exportGrant({ ...to(insurer), steward: alice.id }));
    await expectCode("UNKNOWN_NAME", exported({ purpose: "FUN" }));
  });

  it("cost the same for one record and for many", async () => {
    await grant(insurer);
    const proxy = await startProxy(world.url);
    const provider = await connect(proxy.url);
    const client = await world.clientOf(clinic, { runner: clinic.wallet.connect(provider) });
    const cost = async () => {
      proxy.calls = [];
      const file = await client.exportGrant(to(insurer));
      return {
        calls: [...proxy.calls].sort(),
        wraps: file.wraps.length,
        sizes: file.wraps.map(({ length }) => length),
      };
    };
    const few = await cost();
    for (let i = 0; i < 8; i++) await write(i % 2 === 0 ? "SUMMARY" : "CARE");
    expect(await cost()).to.deep.equal(few);
    provider.destroy();
    await proxy.close();
  });

  it("are refused with any field of the file altered", async () => {
    await grant(insurer);
    const file = await exported();
    await fc.assert(
      fc.asyncProperty(mutationsOf(file), async (mutation) => {
        const outcome = await take(mutation.file).then(
          () => "imported",
          (error: ChartChainError) => error.code ?? String(error),
        );
        expect(outcome, mutation.path).to.match(/^HANDOVER_/);
      }),
      { numRuns: 100 },
    );
    expect(heldBy(insurer)).to.equal(0);
    await take(file);
  });

  it("are the same, and taken once, in whatever form the same signature is written", async () => {
    await grant(insurer);
    const file = await exported();
    const v = file.signature.slice(-2) === "1b" ? "00" : "01";
    await take({ ...file, signature: file.signature.slice(0, -2) + v });
    await expectCode("GRANT_REPLAYED", take({ ...file, signature: `0x${file.signature.slice(2).toUpperCase()}` }));
    await expectCode("GRANT_REPLAYED", take(file));
  });

  it("are refused when they were swapped, or come from another file", async () => {
    await grant(insurer);
    const file = await exported();
    await expectCode("HANDOVER_ALTERED", take({ ...file, wraps: [...file.wraps].reverse() }));
    await expectCode("HANDOVER_ALTERED", take({ ...file, wraps: (await exported()).wraps }));
    await expectCode("HANDOVER_ALTERED", take({ ...file, wraps: file.wraps.slice(1) }));
    await expectCode("HANDOVER_MALFORMED", take({ ...file, wraps: ["AAAA"] }));
    expect(heldBy(insurer)).to.equal(0);
  });

  it("are for the recipient only", async () => {
    await grant(insurer);
    const file = await exported();
    const error = await expectCode("GRANT_FOR_SOMEBODY_ELSE", take(file, lab));
    expect(error.details).to.deep.equal({ recipient: insurer.id, own: lab.id });
  });

  it("are refused when access was revoked since", async () => {
    await grant(insurer);
    const file = await exported();
    await alice.client.revokeAccess({ viewer: insurer.id });
    await expectCode("CONSENT_DENIED", take(file));
    expect(heldBy(insurer)).to.equal(0);
  });

  it("aren't taken from a provider that doesn't keep the records", async () => {
    await grant(lab);
    await grant(insurer);
    await handOn(clinic, lab, alice.id);
    const file = await lab.client.exportGrant(to(insurer));
    await expectCode("GRANTER_NOT_ENTITLED", take(file));
  });

  it("are taken from the patient, for every steward's records", async () => {
    await handOn(clinic, alice, alice.id);
    await write("CARE", alice);
    await grant(insurer);
    const file = await alice.client.exportGrant(to(insurer));
    expect(await take(file)).to.deep.include({ granter: alice.id, keys: 3, added: 3 });
  });

  describe("that somebody made by hand", () => {
    /** A release with a valid signature and whatever content. */
    async function forge(
      signer: Actor,
      changes: Record<string, unknown> = {},
      scope: { patient?: number; steward?: number } = {},
    ): Promise<GrantFile> {
      const { publicKey, keyVersion } = await keyDocumentOf(signer.client, insurer.id);
      const compartmentKey = createCompartmentKey({
        patient: alice.id,
        steward: clinic.id,
        category: 0,
        round: 9,
        ...scope,
      });
      const wrap = await wrapCompartmentKey({
        compartmentKey,
        recipientPublicKey: publicKey,
        participant: insurer.id,
        keyVersion,
      });
      const signed = await signMessage(signer.client, KEY_RELEASE, {
        patient: alice.id,
        granter: signer.id,
        recipient: insurer.id,
        recipientKeyVersion: keyVersion,
        purpose: "TREAT",
        wraps: [hexlify(keyWrapDigest(wrap))],
        issuedAt: 1_790_000_000,
        ...changes,
      });
      const wraps = [Buffer.from(encodeKeyWrap(wrap)).toString("base64")];
      return { ...header(signer.client, "chartchain/grant"), ...signed, wraps };
    }
    beforeEach(() => grant(insurer));

    it("are refused when the signer isn't who gives them", async () => {
      await expectCode("GRANTER_NOT_ENTITLED", take(await forge(lab, { granter: clinic.id })));
    });

    it("are refused when a key in them is of another patient", async () => {
      await expectCode("HANDOVER_ALTERED", take(await forge(clinic, {}, { patient: lab.id })));
    });

    it("are refused when they are of another steward", async () => {
      await expectCode("GRANTER_NOT_ENTITLED", take(await forge(clinic, {}, { steward: lab.id })));
    });

    it("are refused for a purpose that doesn't exist, or that wasn't granted", async () => {
      await expectCode("UNKNOWN_NAME", take(await forge(clinic, { purpose: "FUN" })));
      await expectCode("CONSENT_DENIED", take(await forge(clinic, { purpose: "HRESCH" })));
    });

    it("are refused when they contradict a key that is held", async () => {
      await take(await forge(clinic));
      await expectCode("COMPARTMENT_CONFLICT", take(await forge(clinic)));
    });
  });

  it("are published as the head of the steward's log of releases", async () => {
    await grant(insurer);
    await exported();
    const { size, root, receipt } = await clinic.client.publishReleaseLog();
    expect(size).to.equal(clinic.vault.releases.size);
    expect(root).to.equal(hexlify(clinic.vault.releases.root(size)));
    expect(receipt.status).to.equal(1);
    await expectCode("NOT_A_LICENSED_INSTITUTION", alice.client.publishReleaseLog());
  });
});
