import { expect } from "chai";
import fc from "fast-check";

import { EVERY_STEWARD, type Category } from "../../../src/sdk/index.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../helpers.js";
import { mutationsOf } from "../mutations.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";

describe("a delivery", () => {
  let world: Devnet;
  let clinic: Actor;
  let insurer: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, insurer] = await Promise.all([
      world.institution("General Hospital"),
      world.institution("Mutual Insurance", ["PAYER"]),
    ]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
  });

  const write = (category: Category, content: string = category) =>
    clinic.client.addRecord({ patient: alice.id, category, content: bytes(content), again: true });
  const grant = async (...categories: Category[]) =>
    alice.client.grantAccess({ viewer: insurer.id, categories, purpose: "TREAT", until: await inFuture(world, HOUR) });
  const toInsurer = () => ({ patient: alice.id, viewer: insurer.id, purpose: "TREAT" as const });
  const count = (file: { envelopes: { envelopes: string[] }[] }) =>
    file.envelopes.reduce((sum, { envelopes }) => sum + envelopes.length, 0);
  /** How many keys and envelopes came with the next delivery to the insurer, and how many of them were new. */
  async function next(): Promise<{ keys: number; envelopes: number; added: number }> {
    const file = throughJson(await clinic.client.deliver(toInsurer()));
    const { grant, envelopes } = await insurer.client.takeDelivery({ file });
    return {
      keys: grant?.keys ?? 0,
      envelopes: count(file),
      added: envelopes.reduce((sum, { added }) => sum + added, 0),
    };
  }

  it("with nothing in it is for whom a live word reaches; whoever's ended is denied, and told what to do", async () => {
    await write("SUMMARY");
    await grant("SUMMARY");
    expect((await next()).keys).to.equal(1);
    expect(await next(), "given before").to.deep.equal({ keys: 0, envelopes: 0, added: 0 });
    await alice.client.revokeAccess({ viewer: insurer.id });
    for (const again of [false, false, true]) {
      const error = await expectCode("CONSENT_DENIED", clinic.client.deliver({ ...toInsurer(), again }));
      expect(error.details["reason"]).to.equal("NOT_GRANTED");
      expect(error.hint).to.include("revoked");
    }
    await grant("CARE");
    expect(await next(), "of which there is nothing").to.deep.equal({ keys: 0, envelopes: 0, added: 0 });
    const narrowed = { ...toInsurer(), categories: ["CARE"] as const, until: await inFuture(world, HOUR) };
    await alice.client.grantAccess({ ...narrowed, steward: clinic.id, constraint: { from: 1 }, loseNarrowing: true });
    await alice.client.revokeAccess({ ...toInsurer(), steward: EVERY_STEWARD, categories: ["CARE"] as const });
    expect(await next(), "narrowed").to.deep.equal({ keys: 0, envelopes: 0, added: 0 });
  });

  it("brings the patient every key and envelope, each once", async () => {
    const first = await write("SUMMARY");
    await write("CARE");
    const all = await handOn(clinic, alice, alice.id);
    expect(all.grant).to.deep.include({ keys: 2, added: 2 });
    expect(all.envelopes.map(({ added }) => added)).to.deep.equal([2]);
    const none = await handOn(clinic, alice, alice.id);
    expect(none).to.deep.equal({ grant: undefined, envelopes: [] });
    await write("CARE");
    const news = await handOn(clinic, alice, alice.id);
    expect(news.grant).to.equal(undefined);
    expect(news.envelopes.map(({ added }) => added)).to.deep.equal([1]);
    expect(text((await alice.client.openRecord({ digest: first.digest })).content)).to.equal("SUMMARY");
    expect((await alice.client.verifyHistory({ patient: alice.id })).complete).to.equal(true);
  });

  it("brings everything again when an earlier one was lost", async () => {
    await write("SUMMARY");
    await clinic.client.deliver({ patient: alice.id, viewer: alice.id });
    expect(await handOn(clinic, alice, alice.id)).to.deep.equal({ grant: undefined, envelopes: [] });
    const file = throughJson(await clinic.client.deliver({ patient: alice.id, viewer: alice.id, again: true }));
    const { grant, envelopes } = await alice.client.takeDelivery({ file });
    expect(grant).to.deep.include({ added: 1 });
    expect(envelopes.map(({ added }) => added)).to.deep.equal([1]);
  });

  it("brings what an earlier one had that was never written", async () => {
    await write("SUMMARY");
    const asked = { patient: alice.id, viewer: alice.id };
    const failing = clinic.client.deliver({ ...asked, keep: () => Promise.reject(new Error("no room")) });
    expect(String(await failing.catch((error: unknown) => error))).to.equal("Error: no room");
    const kept: unknown[] = [];
    const file = await clinic.client.deliver({ ...asked, keep: async (each) => void kept.push(each) });
    expect(kept).to.deep.equal([file]);
    const { grant, envelopes } = await alice.client.takeDelivery({ file: throughJson(file) });
    expect(grant).to.deep.include({ keys: 1, added: 1 });
    expect(envelopes.map(({ added }) => added)).to.deep.equal([1]);
    expect(await handOn(clinic, alice, alice.id)).to.deep.equal({ grant: undefined, envelopes: [] });
  });

  it("brings a viewer only what was granted, and the older records with a category granted later", async () => {
    await write("SUMMARY");
    await write("MEDICATION");
    await write("MEDICATION");
    await expectCode("CONSENT_DENIED", clinic.client.deliver(toInsurer()));
    await grant("SUMMARY");
    expect(await next()).to.deep.equal({ keys: 1, envelopes: 1, added: 1 });
    await write("SUMMARY");
    await write("MEDICATION");
    expect(await next()).to.deep.equal({ keys: 0, envelopes: 1, added: 1 });
    await grant("MEDICATION");
    expect(await next()).to.deep.equal({ keys: 1, envelopes: 3, added: 3 });
    expect(await next()).to.deep.equal({ keys: 0, envelopes: 0, added: 0 });
  });

  it("brings later what was denied meanwhile", async () => {
    await write("SUMMARY");
    await write("CARE");
    await grant("SUMMARY", "CARE");
    expect(await next()).to.deep.equal({ keys: 2, envelopes: 2, added: 2 });
    await write("SUMMARY", "written while it was granted");
    await alice.client.revokeAccess({
      viewer: insurer.id,
      purpose: "TREAT",
      steward: EVERY_STEWARD,
      categories: ["SUMMARY"],
    });
    await write("SUMMARY", "written in the next round");
    await write("CARE");
    expect(await next()).to.deep.equal({ keys: 0, envelopes: 1, added: 1 });
    await grant("SUMMARY");
    expect(await next()).to.deep.equal({ keys: 1, envelopes: 2, added: 2 });
  });

  it("fails where there is nothing to deliver from", async () => {
    await expectCode("NO_KEYS", clinic.client.deliver({ patient: alice.id, viewer: alice.id }));
  });

  it("is no file of another kind, and holds no other", async () => {
    await write("SUMMARY");
    const file = await clinic.client.deliver({ patient: alice.id, viewer: alice.id });
    const take = (changed: unknown) => alice.client.takeDelivery({ file: changed });
    await expectCode("HANDOVER_WRONG_KIND", take(file.grant));
    await expectCode("HANDOVER_WRONG_KIND", take({ ...file, grant: file.envelopes[0] }));
    await expectCode("HANDOVER_WRONG_KIND", take({ ...file, envelopes: [file.grant] }));
    await expectCode("HANDOVER_MALFORMED", take({ ...file, envelopes: "none" }));
  });

  describe("of envelopes alone", () => {
    it("has those after a mark, and none of an empty list of compartments", async () => {
      const { client } = clinic;
      const of = { patient: alice.id, viewer: alice.id };
      await write("SUMMARY");
      const [file] = await client.releaseEnvelopes(of);
      expect(file!.envelopes).to.have.length(1);
      expect(await client.releaseEnvelopes({ ...of, since: file!.next })).to.deep.equal([]);
      await write("CARE");
      expect((await client.releaseEnvelopes({ ...of, since: file!.next }))[0]!.envelopes).to.have.length(1);
      expect(await client.releaseEnvelopes({ ...of, compartments: [] })).to.deep.equal([]);
      const keys = await client.listKeys({ patient: alice.id });
      const care = keys.filter(({ category }) => category === "CARE").map(({ id }) => id);
      expect((await client.releaseEnvelopes({ ...of, compartments: care }))[0]!.envelopes).to.have.length(1);
      expect(await client.releaseEnvelopes({ ...toInsurer() }), "nothing is granted").to.deep.equal([]);
    });

    it("has one file for each steward, when the patient makes it", async () => {
      await write("CARE");
      await handOn(clinic, alice, alice.id);
      await alice.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("diary") });
      const files = await alice.client.releaseEnvelopes({ patient: alice.id, viewer: alice.id });
      expect(files.map(({ steward }) => steward)).to.deep.equal([clinic.id, alice.id]);
    });

    it("is told apart into what is new, known and locked", async () => {
      await write("SUMMARY");
      await write("CARE");
      await grant("SUMMARY");
      const files = throughJson(await clinic.client.releaseEnvelopes({ patient: alice.id, viewer: alice.id }));
      await insurer.client.takeKeys({ file: await clinic.client.releaseKeys(toInsurer()) });
      const ids = { patient: alice.id, steward: clinic.id };
      expect(await insurer.client.takeEnvelopes({ file: files[0] })).to.deep.equal({
        ...ids,
        ...{ added: 1, known: 0, locked: 1, shredded: 0 },
      });
      const { digest } = (await insurer.client.listRecords({ patient: alice.id }))[0]!;
      expect(await insurer.client.takeEnvelopes({ file: files[0] })).to.deep.include({ known: 1, locked: 1 });
      await insurer.client.shredRecord({ digest });
      expect(await insurer.client.takeEnvelopes({ file: files[0] })).to.deep.include({ shredded: 1, locked: 1 });
    });

    it("is refused when it is about somebody else", async () => {
      await write("SUMMARY");
      const [file] = await clinic.client.releaseEnvelopes({ patient: alice.id, viewer: alice.id });
      await alice.client.takeKeys({
        file: await clinic.client.releaseKeys({ patient: alice.id, viewer: alice.id, purpose: "PATRQT" }),
      });
      for (const changes of [{ patient: insurer.id }, { steward: insurer.id }]) {
        await expectCode("RECORD_NOT_ANCHORED", alice.client.takeEnvelopes({ file: { ...file, ...changes } }));
      }
      await expectCode("HANDOVER_MALFORMED", alice.client.takeEnvelopes({ file: { ...file, envelopes: ["AAAA"] } }));
      expect(await alice.client.listRecords()).to.deep.equal([]);
    });

    it("never brings in anything but what was sealed, whatever is altered", async () => {
      await write("SUMMARY");
      const [file] = throughJson(await clinic.client.releaseEnvelopes({ patient: alice.id, viewer: alice.id }));
      await alice.client.takeKeys({
        file: await clinic.client.releaseKeys({ patient: alice.id, viewer: alice.id, purpose: "PATRQT" }),
      });
      const sealed = file!.envelopes[0]!;
      await fc.assert(
        fc.asyncProperty(mutationsOf(file!), async ({ file: altered, path }) => {
          const same = JSON.stringify((altered as { envelopes?: unknown }).envelopes) === JSON.stringify([sealed]);
          const added = await alice.client.takeEnvelopes({ file: altered }).then(
            (imported) => imported.added,
            () => 0,
          );
          // Nobody signs `next`, which the recipient doesn't use; a signature is known once it came with another file.
          if (added > 0) expect(same && /next|signatures/.test(path), path).to.equal(true);
          for (const { digest } of await alice.client.listRecords()) {
            const kept = alice.vault.envelopes.get(Buffer.from(digest.slice(2), "hex"))!.bytes;
            expect(Buffer.from(kept).toString("base64")).to.equal(sealed);
          }
        }),
        { numRuns: 60 },
      );
    });
  });
});
