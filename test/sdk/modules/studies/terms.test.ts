import { expect } from "chai";
import fc from "fast-check";

import { CATEGORIES, type ErrorCode } from "../../../../src/sdk/index.js";
import {
  DATA_USE_TERMS,
  dataUseInWords,
  dataUseTerm,
  type ResearchPreferences,
  type StudyOffer,
  type StudyTermsFile,
} from "../../../../src/sdk/modules/studies/index.js";
import { CHART, DAY, earnFor, openAccount, allowDeposits } from "../../bank.js";
import { expectCode, inFuture, outcomeOf } from "../../helpers.js";
import { everyMutationOf, mutationsOf } from "../../mutations.js";
import { type Actor, createDevnet, type Devnet, relate, throughJson } from "../../../../devnet/index.js";

const DISEASE = "MONDO:0005044";

describe("a study's terms", () => {
  let world: Devnet;
  let clinic: Actor;
  let university: Actor;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    university = await world.institution("University", ["RESEARCHER"]);
    alice = await world.patient("alice");
    await relate(clinic, alice);
    await openAccount(clinic, alice);
    await allowDeposits(world, clinic, 10);
    await earnFor(world, clinic, alice, university.wallet.address);
  });
  after(() => world.close());

  const offer = async (changes: Partial<StudyOffer> = {}): Promise<StudyOffer> => ({
    ...{ title: "Blood pressure", description: "How it changes\nwith age.", contact: "University, ethics office" },
    ...{ dataUse: ["HMB", "NCU"], categories: ["OBSERVATION", "CARE"], price: CHART, minimum: 1, maximum: 2 },
    ...{ enrolUntil: await inFuture(world, DAY), closesAt: await inFuture(world, 10 * DAY) },
    ...changes,
  });
  const open = async (changes: Partial<StudyOffer> = {}) => {
    const { terms } = await university.client.openStudy(await offer(changes));
    return throughJson(terms);
  };
  const refused = async (changes: Partial<StudyOffer>, code: ErrorCode = "STUDY_TERMS_MALFORMED") =>
    expectCode(code, university.client.openStudy(await offer(changes)));

  it("travel in a file; the chain has a salted digest of them", async () => {
    const { study, terms, events } = await university.client.openStudy(await offer());
    expect(terms).to.deep.include({ kind: "chartchain/study-terms", study });
    expect(terms.terms).to.deep.include({
      researcher: university.id,
      dataUse: ["DUO:0000006", "DUO:0000046"],
      diseases: [],
      categories: ["OBSERVATION", "CARE"],
    });
    const receipt = JSON.stringify(events, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    expect(receipt).not.to.match(/Blood|DUO|ethics/);
    const read = await alice.client.readStudyTerms({ file: throughJson(terms) });
    expect(read).to.deep.include({ study, status: "Open", price: CHART, terms: terms.terms });
    const again = await university.client.openStudy(await offer());
    expect(again.terms.terms.salt, "fresh").not.to.equal(terms.terms.salt);
    expect((await alice.client.studyOf({ study: again.study })).termsDigest).not.to.equal(read.termsDigest);
  });

  it("stay in the researcher's vault", async () => {
    const terms = await open();
    expect(await university.client.studyTermsOf({ study: terms.study })).to.deep.equal(terms);
    await expectCode("STUDY_TERMS_UNKNOWN", alice.client.studyTermsOf({ study: terms.study }));
    await expectCode("UNKNOWN_STUDY", alice.client.studyTermsOf({ study: 999 }));
  });

  it("are refused with any field altered", async () => {
    const file = await open({ dataUse: ["DS"], diseases: [DISEASE] });
    const isRefused = async ({ path, file: altered }: { path: string; file: unknown }) => {
      const outcome = await outcomeOf(alice.client.readStudyTerms({ file: altered }));
      expect(outcome, path).to.match(/^HANDOVER_|^UNKNOWN_STUDY$|^STUDY_TERMS_MISMATCH$/);
    };
    for (const mutation of everyMutationOf(file)) await isRefused(mutation);
    await fc.assert(fc.asyncProperty(mutationsOf(file), isRefused), { numRuns: 60 });
    expect((await alice.client.readStudyTerms({ file })).terms).to.deep.equal(file.terms);
  });

  it("are read only as terms, whatever a file holds", async () => {
    const file = await open();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (terms, whole) => {
        await expectCode("HANDOVER_MALFORMED", alice.client.readStudyTerms({ file: { ...file, terms } }));
        await expectCode("HANDOVER_MALFORMED", alice.client.readStudyTerms({ file: whole }));
      }),
      { numRuns: 60 },
    );
  });

  it("come back as they were written, whatever the researcher wrote", async () => {
    const line = fc
      .string({ minLength: 1, maxLength: 200 })
      .filter((text) => text.trim() !== "" && text === plain(text));
    const names = DATA_USE_TERMS.map(({ shorthand }) => shorthand).filter((name) => name !== "DS");
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          title: line,
          description: line,
          contact: line,
          dataUse: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 20 }),
          categories: fc.subarray([...CATEGORIES], { minLength: 1 }),
        }),
        async (changes) => {
          const file = await open({ ...changes, price: 1n });
          const { terms } = await alice.client.readStudyTerms({ file });
          const { dataUse, ...rest } = changes;
          expect(terms).to.deep.include(rest);
          expect(terms.dataUse).to.have.members(dataUse.map((name) => dataUseTerm(name)!.code));
        },
      ),
      { numRuns: 12 },
    );
  });

  it("are complete, in one line each, and within bounds", async () => {
    await refused({ title: " " });
    await refused({ title: "two\nlines" });
    await refused({ title: "x".repeat(201) });
    await refused({ description: "" });
    await refused({ description: "a cursor\u001b[2J" });
    await refused({ description: "x".repeat(4_001) });
    await refused({ contact: "" });
    await refused({ dataUse: [] });
    await refused({ diseases: [DISEASE] });
    await refused({ dataUse: ["DS"] });
    await refused({ dataUse: ["DS"], diseases: ["sugar"] });
    await refused({ dataUse: ["EVERYTHING"] }, "DATA_USE_UNKNOWN");
    await refused({ dataUse: ["DUO:7"] }, "DATA_USE_UNKNOWN");
    await refused({ categories: [] }, "MISSING_CATEGORIES");
    await refused({ categories: ["GOSSIP" as "CARE"] }, "UNKNOWN_NAME");
  });

  it("of another study, or of another researcher's, are refused", async () => {
    const [first, second] = [await open(), await open()];
    await expectCode("STUDY_TERMS_MISMATCH", alice.client.readStudyTerms({ file: { ...first, study: second.study } }));
    await expectCode("UNKNOWN_STUDY", alice.client.readStudyTerms({ file: { ...first, study: 999 } }));
    const elsewhere: StudyTermsFile = { ...first, chainId: 1 };
    await expectCode("HANDOVER_WRONG_CHAIN", alice.client.readStudyTerms({ file: elsewhere }));
  });

  it("use the terms of the Data Use Ontology as it spells them", () => {
    expect(dataUseTerm("GRU")).to.deep.include({ code: "DUO:0000042", label: "general research use" });
    expect(dataUseInWords("DUO:0000046")).to.equal("DUO:0000046 (NCU, non-commercial use only)");
    expect(dataUseInWords("DUO:0009999")).to.equal("DUO:0009999");
    expect(new Set(DATA_USE_TERMS.map(({ code }) => code)).size).to.equal(DATA_USE_TERMS.length);
    for (const { code } of DATA_USE_TERMS) expect(code).to.match(/^DUO:\d{7}$/);
  });

  describe("are held against the patient's preferences", () => {
    let file: StudyTermsFile;
    before(async () => {
      file = await open({ dataUse: ["DS", "NPUNCU", "IRB"], diseases: [DISEASE], price: 10n * CHART, maximum: 1 });
    });
    const fitting: ResearchPreferences = {
      ...{ dataUse: ["DS"], diseases: [DISEASE], restrictions: ["NCU"], categories: CATEGORIES },
      lowestPrice: 10n * CHART,
    };
    const match = async (changes: Partial<ResearchPreferences> = {}) => {
      await alice.client.setResearchPreferences({ ...fitting, ...changes });
      const { matches, reasons } = await alice.client.matchStudy({ file });
      expect(matches).to.equal(reasons.length === 0);
      return reasons.map(({ reason }) => reason);
    };

    it("and match none as long as none are set", async () => {
      await alice.client.setResearchPreferences();
      expect(await alice.client.researchPreferences()).to.equal(undefined);
      const { matches, reasons } = await alice.client.matchStudy({ file });
      expect([matches, reasons[0]!.reason]).to.deep.equal([false, "NO_PREFERENCES"]);
    });

    it("and match where everything is acceptable", async () => {
      expect(await match()).to.deep.equal([]);
      expect(await match({ diseases: undefined as never }), "every disease").to.deep.equal([]);
      expect(await match({ restrictions: ["NPU", "DUO:0000046", "NPUNCU", "IRB"] })).to.deep.equal([]);
      expect(await match({ restrictions: undefined as never, lowestPrice: undefined as never })).to.deep.equal([]);
      expect(await alice.client.researchPreferences()).to.deep.include({
        ...{ dataUse: ["DUO:0000007"], diseases: [DISEASE], restrictions: [] },
        ...{ categories: [...CATEGORIES], lowestPrice: 0n },
      });
    });

    it("and don't match where one thing isn't", async () => {
      expect(await match({ dataUse: ["HMB"] })).to.deep.equal(["DATA_USE"]);
      expect(await match({ dataUse: ["GRU", "NRES"] }), "a broad use doesn't stand for a narrow one").to.deep.equal([
        "DATA_USE",
      ]);
      expect(await match({ diseases: ["MONDO:0005148"] })).to.deep.equal(["DISEASE"]);
      expect(await match({ restrictions: ["PUB"] })).to.deep.equal(["RESTRICTION"]);
      expect(await match({ categories: ["OBSERVATION"] })).to.deep.equal(["CATEGORY"]);
      expect(await match({ lowestPrice: 10n * CHART + 1n })).to.deep.equal(["PRICE"]);
      const all = { dataUse: [], diseases: [], restrictions: ["PUB"], lowestPrice: 10n ** 30n };
      expect(await match({ ...all, categories: ["GENOMIC"] })).to.deep.equal([
        "DATA_USE",
        "DISEASE",
        "RESTRICTION",
        "CATEGORY",
        "CATEGORY",
        "PRICE",
      ]);
    });

    it("and a use that nobody here knows has to be accepted by its code", async () => {
      file = await open({ dataUse: ["DUO:0009999", "NCU"] });
      expect(await match({ lowestPrice: 0n })).to.deep.equal(["DATA_USE"]);
      expect(await match({ lowestPrice: 0n, dataUse: ["DUO:0009999"] })).to.deep.equal([]);
      file = await open({ dataUse: ["NCU"] });
      expect(await match({ lowestPrice: 0n }), "restrictions alone say nothing").to.deep.equal(["DATA_USE"]);
    });

    it("which name what exists", async () => {
      await expectCode("DATA_USE_UNKNOWN", match({ dataUse: ["ANY"] }));
      await expectCode("DATA_USE_UNKNOWN", match({ restrictions: ["ANY"] }));
      await expectCode("UNKNOWN_NAME", match({ categories: ["GOSSIP" as "CARE"] }));
      await expectCode("MISSING_CATEGORIES", match({ categories: [] }));
    });
  });
});

/** Without what moves a cursor. */
const plain = (text: string): string =>
  [...text].filter((letter) => !/[\u0000-\u001f\u007f-\u009f]/.test(letter)).join("");
