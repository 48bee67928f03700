import { expect } from "chai";
import fc from "fast-check";
import { hexlify } from "ethers";

import { createCompartmentKey } from "../../../src/crypto/index.js";
import type { ChartChainError } from "../../../src/errors/index.js";
import { type Category } from "../../../src/sdk/index.js";
import { forgedGrant } from "../forged.js";
import { bytes, expectCode, HOUR, inFuture } from "../helpers.js";
import { mutationsOf } from "../mutations.js";
import { behindProxy } from "../proxy.js";
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
    author.client.addRecord({ patient: alice.id, category, content: bytes(category), again: true });
  const grant = async (viewer: Actor, categories: Category[] = ["SUMMARY", "CARE"]) =>
    alice.client.grantAccess({ viewer: viewer.id, categories, purpose: "TREAT", until: await inFuture(world, HOUR) });
  const to = (viewer: Actor) => ({ patient: alice.id, viewer: viewer.id, purpose: "TREAT" as const });
  const exported = async (changes: object = {}) =>
    throughJson(await clinic.client.releaseKeys({ ...to(insurer), ...changes }));
  const take = (file: unknown, actor = insurer) => actor.client.takeKeys({ file });
  const heldBy = (actor: Actor) => actor.vault.compartments.list({ patient: alice.id }).length;

  it("are released to whom the patient granted access, logged, and imported once", async () => {
    await grant(insurer);
    const file = await exported();
    expect(file.wraps).to.have.length(2);
    expect(await take(file)).to.deep.equal({ patient: alice.id, granter: clinic.id, keys: 2, added: 2 });
    expect(await take(file), "again, after an interruption").to.deep.include({ keys: 2, added: 0 });
    await world.increaseTime(60);
    expect(await take(await exported())).to.deep.include({ keys: 2, added: 0 });
    await expectCode("GRANT_REPLAYED", take(file));
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
    const early = await expectCode("CONSENT_DENIED", waiting.releaseKeys(to(insurer)));
    expect(early.details["reason"]).to.equal("NOT_FINAL");
    expect(clinic.vault.releases.size).to.equal(before);
  });

  it("aren't released by somebody who has none, to nobody, or for nothing that exists", async () => {
    await grant(insurer);
    await expectCode("NO_KEYS", insurer.client.releaseKeys(to(insurer)));
    await expectCode("NO_KEYS", clinic.client.releaseKeys({ ...to(insurer), categories: ["GENOMIC"] }));
    await expectCode("NO_KEYS", clinic.client.releaseKeys({ ...to(insurer), steward: alice.id }));
    await expectCode("UNKNOWN_NAME", exported({ purpose: "FUN" }));
  });

  it("cost the same for one record and for many", async () => {
    await grant(insurer);
    const proxy = await behindProxy(world, clinic);
    const { client } = proxy;
    const cost = async () => {
      proxy.calls = [];
      const file = await client.releaseKeys(to(insurer));
      return {
        calls: [...proxy.calls].sort(),
        wraps: file.wraps.length,
        sizes: file.wraps.map(({ length }) => length),
      };
    };
    const few = await cost();
    for (let i = 0; i < 8; i++) await write(i % 2 === 0 ? "SUMMARY" : "CARE");
    expect(await cost()).to.deep.equal(few);
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
    await take({ ...file, signature: `0x${file.signature.slice(2).toUpperCase()}` });
    await world.increaseTime(60);
    await take(await exported());
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

  it("aren't given by a provider that doesn't keep the records", async () => {
    await grant(lab);
    await grant(insurer);
    await handOn(clinic, lab, alice.id);
    await expectCode("NO_KEYS", lab.client.releaseKeys(to(insurer)));
    expect(await lab.client.releaseEnvelopes(to(insurer))).to.deep.equal([]);
  });

  it("are given by a steward without those that it was given itself", async () => {
    await relate(lab, alice);
    await write("CARE", lab);
    await grant(lab);
    await handOn(clinic, lab, alice.id);
    const { grant: given, envelopes } = await handOn(lab, alice, alice.id);
    expect(given).to.deep.include({ granter: lab.id, keys: 1, added: 1 });
    expect(envelopes.map(({ steward, added }) => [steward, added])).to.deep.equal([[lab.id, 1]]);
  });

  it("are taken only where the patient granted the records of each steward in the file", async () => {
    await relate(lab, alice);
    await write("CARE", lab);
    await handOn(clinic, alice, alice.id);
    await handOn(lab, alice, alice.id);
    const keys = alice.vault.compartments.list({ patient: alice.id, category: 4 });
    expect(keys).to.have.length(2);
    for (const granted of [clinic, lab]) {
      await alice.client.revokeAccess({ viewer: insurer.id });
      const until = await inFuture(world, HOUR);
      const of = { viewer: insurer.id, categories: ["CARE"], purpose: "TREAT", until } as const;
      await alice.client.grantAccess({ ...of, steward: granted.id });
      for (const order of [keys, [...keys].reverse()]) {
        await expectCode("CONSENT_DENIED", take(await forgedGrant(alice, insurer, order)));
      }
    }
    expect(heldBy(insurer)).to.equal(0);
  });

  it("are taken from the patient, for every steward's records", async () => {
    await handOn(clinic, alice, alice.id);
    await write("CARE", alice);
    await grant(insurer);
    const file = await alice.client.releaseKeys(to(insurer));
    expect(await take(file)).to.deep.include({ granter: alice.id, keys: 3, added: 3 });
  });

  describe("that somebody made by hand", () => {
    const forge = (signer: Actor, changes: object = {}, scope: object = {}) => {
      const of = { patient: alice.id, steward: clinic.id, category: 0, round: 9, ...scope };
      return forgedGrant(signer, insurer, [createCompartmentKey(of)], { patient: alice.id, ...changes });
    };
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

    it("are named and left out, and the others in the file taken, when they contradict one that is held", async () => {
      await take(await forge(clinic));
      const keys = [9, 8].map((round) =>
        createCompartmentKey({ patient: alice.id, steward: clinic.id, category: 0, round }),
      );
      const { refused, ...counts } = await take(await forgedGrant(clinic, insurer, keys));
      expect(counts).to.deep.include({ keys: 2, added: 1 });
      expect(refused).to.have.length(1);
      expect(refused![0]).to.deep.include({ steward: clinic.id, category: "SUMMARY", round: 9 });
      expect(refused![0]!.code).to.equal("COMPARTMENT_CONFLICT");
    });
  });

  it("are published as the head of the steward's log of releases", async () => {
    await grant(insurer);
    await exported();
    const { number, size, root, receipt } = await clinic.client.publishReleaseLog();
    expect(number).to.equal(1);
    expect(size).to.equal(clinic.vault.releases.size);
    expect(root).to.equal(hexlify(clinic.vault.releases.root(size)));
    expect(receipt.status).to.equal(1);
    await expectCode("LOG_DOES_NOT_GROW", clinic.client.publishReleaseLog());
    await exported();
    expect(await clinic.client.publishReleaseLog()).to.include({ number: 2, size: size + 1 });
    await expectCode("NOT_A_LICENSED_INSTITUTION", alice.client.publishReleaseLog());
  });
});
