import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import type { Patient, Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import { hexlify } from "ethers";
import fc from "fast-check";

import { type Actor, createDevnet, type Devnet, relate } from "../../../../devnet/index.js";
import { parseFhirFolder } from "../../../../src/fhir/node/index.js";
import { findBytes } from "../../../vault/processes.js";
import { bytes, expectCode, text } from "../../helpers.js";
import { type ErrorCode } from "../../../../src/errors/index.js";
import { importFhirFile, keepBadFiles, keepDoubtfulFile } from "../../../../src/sdk/node/index.js";

/** A number of this system is one person's, and 943 476 5919 and the others below have right check digits. */
const NHS = "https://fhir.nhs.uk/Id/nhs-number";
const [ANNAS, BERTAS] = ["9434765919", "9000000009"];

const anna = (changes: Partial<Patient> = {}): Patient => ({
  resourceType: "Patient",
  id: "1",
  identifier: [{ system: NHS, value: ANNAS }],
  name: [{ family: "Novak", given: ["Anna"] }],
  gender: "female",
  birthDate: "1961-04-17",
  ...changes,
});
const berta = (changes: Partial<Patient> = {}): Patient => ({
  ...anna({ id: "2", identifier: [{ system: NHS, value: BERTAS }], name: [{ family: "Ilves", given: ["Berta"] }] }),
  birthDate: "1987-11-30",
  ...changes,
});
const weight = (subject: string, kilograms: number): Resource => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
  subject: { reference: subject },
  valueQuantity: { value: kilograms, unit: "kg" },
});
const bundle = (...resources: Resource[]): string =>
  JSON.stringify({ resourceType: "Bundle", type: "collection", entry: resources.map((resource) => ({ resource })) });

describe("whose data it is", () => {
  let world: Devnet;
  let clinic: Actor;
  let folder: string;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("City Clinic");
    folder = await mkdtemp(join(tmpdir(), "chartchain-worklist-"));
  });
  after(async () => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });

  let number = 0;
  /** Somebody of whom nothing is known yet. */
  const somebody = async (): Promise<Actor> => {
    const patient = await world.patient(`patient ${number}`);
    await relate(clinic, patient);
    return patient;
  };
  const fileOf = async (content: string): Promise<string> => {
    const path = join(folder, `input-${number++}.json`);
    await writeFile(path, content);
    return path;
  };
  const importing = async ({ id }: Actor, content: string, override?: string) =>
    importFhirFile(clinic.client, {
      patient: id,
      path: await fileOf(content),
      ...(override === undefined ? {} : { override }),
    });
  const countOf = async ({ id }: Actor) => (await clinic.client.overviewOf({ patient: id })).recordCount;
  const newest = async () => (await clinic.client.listWorklist()).at(-1)!;
  const lastDecision = async () => (await clinic.client.listDecisions()).at(-1)!;

  describe("in a chart", () => {
    it("is held against what came first: another person's bundle stops, and the elements that differ are named", async () => {
      const patient = await somebody();
      await importing(patient, bundle(anna(), weight("Patient/1", 60)));
      const before = await countOf(patient);
      const error = await expectCode(
        "CHART_CONTRADICTED",
        importing(patient, bundle(berta(), weight("Patient/2", 80))),
      );
      expect(error.details["differs"]).to.include.members(["identifier", "birthDate", "name.family"]);
      for (const value of [ANNAS, BERTAS, "1961", "1987", "Novak", "Ilves", "Berta"]) {
        expect(JSON.stringify(error), value).not.to.include(value);
      }
      expect(await countOf(patient), "not one record of it is added").to.equal(before);
    });

    it("is read from memory as from a file: what fits is added, what is in doubt waits under its name", async () => {
      const patient = await somebody();
      const text = { patient: patient.id, name: "typed in" };
      for (const content of [bundle(anna(), weight("Patient/1", 60)), bytes(bundle(anna(), weight("Patient/1", 61)))]) {
        const { records } = await clinic.client.importFhir({ ...text, content });
        expect(records.some(({ alreadyThere }) => !alreadyThere)).to.equal(true);
      }
      await expectCode(
        "INVALID_RESOURCE",
        clinic.client.importFhir({ ...text, content: '{"resourceType":"Patient","birthDate":"soon"}' }),
      );
      const foreign = bundle(anna(), weight("Patient/7", 60));
      const refused = await expectCode("FOREIGN_PATIENT", clinic.client.importFhir({ ...text, content: foreign }));
      const { item, file } = await newest();
      expect(refused.details["worklistItem"]).to.equal(item);
      expect(file).to.equal("typed in");
    });

    it("is held against it by addRecord alone, streamed or not", async () => {
      const patient = await somebody();
      const add = (content: string) =>
        clinic.client.addRecord({ patient: patient.id, category: "SUMMARY", content: bytes(content) });
      await add(bundle(anna()));
      await expectCode("CHART_CONTRADICTED", add(bundle(berta())));
      await expectCode("CHART_CONTRADICTED", add(JSON.stringify(berta())));
      const streamed = bytes(bundle(berta()));
      await expectCode(
        "CHART_CONTRADICTED",
        clinic.client.addRecord({
          ...{ patient: patient.id, category: "CARE", size: streamed.length },
          content: async function* () {
            yield streamed.subarray(0, 100);
            yield streamed.subarray(100);
          },
        }),
      );
      expect(await countOf(patient)).to.equal(1);
    });

    it("finds the Patient in nested Bundles and Parameters, too", async () => {
      const patient = await somebody();
      await importing(patient, bundle(anna()));
      const nested = JSON.parse(bundle(berta())) as Resource;
      const parameters: Resource = {
        resourceType: "Parameters",
        parameter: [{ name: "a", part: [{ name: "b", resource: nested }] }],
      };
      for (const content of [bundle(nested), bundle(parameters)]) {
        const added = clinic.client.addRecord({ patient: patient.id, category: "SUMMARY", content: bytes(content) });
        await expectCode("CHART_CONTRADICTED", added);
      }
    });

    it("takes what contradicts nothing: the same person again, and one of whom less is known", async () => {
      const patient = await somebody();
      await importing(patient, bundle(anna()));
      await importing(patient, bundle(anna(), weight("Patient/1", 61)));
      await importing(
        patient,
        bundle({ resourceType: "Patient", id: "x", name: anna().name! }, weight("Patient/x", 62)),
      );
      const married = anna({ name: [{ family: "Bergmann", given: ["Anna"] }] });
      const { warnings } = await importing(patient, bundle(married, weight("Patient/1", 63)));
      expect(warnings).to.deep.equal(["the family name differs"]);
      expect(await clinic.client.listWorklist()).to.deep.equal(
        (await clinic.client.listWorklist()).filter(({ patient: of }) => of !== patient.id),
      );
    });

    it("says what differs within an input that is one person's all the same", async () => {
      const married = anna({ id: "9", name: [{ family: "Bergmann", given: ["Anna"] }] });
      const { warnings } = await importing(await somebody(), bundle(anna(), married, weight("Patient/1", 64)));
      expect(warnings).to.include("the family name differs");
    });

    it("isn't lost from sight behind an input that said little of the person", async () => {
      const patient = await somebody();
      const little: Patient = { resourceType: "Patient", id: "x", name: anna().name! };
      await importing(patient, bundle(little));
      await importing(patient, bundle(anna()));
      const namesake = berta({ name: anna().name! });
      await expectCode("CHART_CONTRADICTED", importing(patient, bundle(namesake)));
    });

    it("is overridden with a reason alone, which is logged, and remembered", async () => {
      const patient = await somebody();
      await importing(patient, bundle(anna()));
      const corrected = bundle(anna({ birthDate: "1961-07-14" }), weight("Patient/1", 64));
      await expectCode("CHART_CONTRADICTED", importing(patient, corrected));
      await expectCode("REASON_MISSING", importing(patient, corrected, " "));
      await importing(patient, corrected, "the passport says so");
      expect(await lastDecision()).to.deep.include({
        kind: "override",
        by: clinic.id,
        reason: "the passport says so",
        about: { patient: patient.id, differs: ["birthDate"] },
      });
      await importing(patient, corrected);
      await importing(patient, bundle(anna()));
      await expectCode("CHART_CONTRADICTED", importing(patient, bundle(anna({ birthDate: "1962-01-01" }))));
    });

    it("is never taken for another's, whatever differs (fuzzed)", async () => {
      const patient = await somebody();
      await importing(patient, bundle(anna()));
      const before = await countOf(patient);
      const day = fc.integer({ min: 0, max: 30_000 }).map((n) => new Date(n * 86_400_000).toISOString().slice(0, 10));
      const other = fc.record({
        birthDate: day.filter((date) => date !== "1961-04-17"),
        name: fc.constantFrom(anna().name!, berta().name!, []),
        gender: fc.constantFrom("female" as const, "male" as const, "unknown" as const),
        identifier: fc.constantFrom([], anna().identifier!, berta().identifier!),
      });
      await fc.assert(
        fc.asyncProperty(other, async (changes) => {
          const added = clinic.client.addRecord({
            ...{ patient: patient.id, category: "SUMMARY", content: bytes(bundle(anna(changes))) },
          });
          await expectCode("CHART_CONTRADICTED", added);
        }),
        { numRuns: 60 },
      );
      expect(await countOf(patient)).to.equal(before);
    });
  });

  describe("in an input", () => {
    const cases: [code: ErrorCode, content: string][] = [
      ["NO_PATIENT", bundle({ resourceType: "Organization", name: "City Clinic" })],
      ["MULTIPLE_PATIENTS", bundle(anna(), berta(), weight("Patient/1", 60))],
      ["FOREIGN_PATIENT", bundle(anna(), weight("Patient/7", 60))],
    ];
    for (const [code, content] of cases) {
      it(`that is refused with ${code} waits on the worklist, sealed, and once`, async () => {
        const patient = await somebody();
        const error = await expectCode(code, importing(patient, content));
        const item = await newest();
        expect(error.details["worklistItem"]).to.equal(item.item);
        expect(item).to.deep.include({ code, patient: patient.id, size: bytes(content).length });
        expect(item.file).to.match(/input-\d+\.json$/);
        expect(findBytes(clinic.home, [bytes(content).subarray(0, 60), bytes("input-")])).to.deep.equal([false, false]);
        const again = await expectCode(code, importing(patient, content));
        expect(again.details["worklistItem"]).to.equal(item.item);
        expect(await countOf(patient)).to.equal(0);
        const { entries } = await clinic.client.readWaitingInput({ item: item.item });
        expect(entries.map(({ json }) => json)).to.deep.equal(
          (JSON.parse(content) as { entry: { resource: Resource }[] }).entry.map(({ resource }) =>
            JSON.stringify(resource),
          ),
        );
      });
    }

    it("leaves alone what is no doubt about a person", async () => {
      const patient = await somebody();
      const waited = (await clinic.client.listWorklist()).length;
      await expectCode("NOT_JSON", importing(patient, "{"));
      await expectCode("INVALID_RESOURCE", importing(patient, bundle({ ...anna(), birthDate: "yesterday" })));
      expect(await clinic.client.listWorklist()).to.have.length(waited);
    });

    it("waits for each file of a folder that was left out in doubt; the others are given back", async () => {
      const inputs = await mkdtemp(join(folder, "inputs-"));
      const put = (name: string, content: string) => writeFile(join(inputs, name), content);
      await put("a.json", bundle(anna(), weight("Patient/1", 70)));
      await put("b.json", JSON.stringify({ resourceType: "Observation", status: "final", code: { text: "Weight" } }));
      await put("c.json", bundle(anna(), berta()));
      await put("d.json", "{");
      const { patients, bad, unassigned } = await parseFhirFolder(inputs, { skipBad: true });
      expect(patients).to.have.length(1);
      const { waiting, others } = await keepBadFiles(clinic.client, { bad: [...unassigned, ...bad] });
      expect(waiting.map(({ file }) => basename(file))).to.deep.equal(["b.json", "c.json"]);
      expect(others.map(({ code }) => code)).to.deep.equal(["NOT_JSON"]);
      const listed = new Map((await clinic.client.listWorklist()).map(({ item, code }) => [item, code]));
      expect(waiting.map(({ item }) => listed.get(item))).to.deep.equal(["NO_PATIENT", "MULTIPLE_PATIENTS"]);
    });

    it("says so where there is no room, and still refuses it", async () => {
      const patient = await somebody();
      const large = bundle(anna(), weight("Patient/7", 60)).replace("}]}", `}],"language":"${"x".repeat(33 << 20)}"}`);
      const path = await fileOf(large);
      const { isDoubt } = await import("../../../../src/sdk/index.js");
      const foreign = await expectCode("FOREIGN_PATIENT", importing(patient, bundle(anna(), weight("Patient/7", 60))));
      expect(isDoubt(foreign)).to.equal(true);
      const refused = await expectCode("FOREIGN_PATIENT", keepDoubtfulFile(clinic.client, { path, error: foreign }));
      expect(refused.hint).to.include("keep the file");
      expect(refused.cause).to.include({ code: "WORKLIST_FULL" });
    });
  });

  describe("is resolved by a person:", () => {
    const doubtful = async (patient: Actor, content: string): Promise<number> => {
      await importing(patient, content).catch(() => undefined);
      return (await newest()).item;
    };

    it("an input is assigned to a chart, with every record of it, and leaves the list", async () => {
      const patient = await somebody();
      const item = await doubtful(patient, bundle(anna(), weight("Patient/7", 65)));
      const added = await clinic.client.assignInput({ item, patient: patient.id, reason: "7 is her former number" });
      expect(added.length).to.be.greaterThan(0);
      const opened = await Promise.all(
        added.map(async ({ digest }) => text((await clinic.client.openRecord({ digest, purpose: "TREAT" })).content)),
      );
      expect(opened.join()).to.include("Patient/7").and.include("Novak");
      expect(await lastDecision()).to.deep.include({ kind: "assign", reason: "7 is her former number" });
      await expectCode("WORKLIST_ITEM_UNKNOWN", clinic.client.assignInput({ item, patient: patient.id, reason: "x" }));
    });

    it("but not to a chart that it contradicts, nor two people to one, unless that is said, too", async () => {
      const patient = await somebody();
      await importing(patient, bundle(anna()));
      const assign = (item: number, more = {}) =>
        clinic.client.assignInput({ item, patient: patient.id, reason: "seen the person", ...more });
      const hers = await doubtful(patient, bundle(berta()));
      await expectCode("CHART_CONTRADICTED", assign(hers));
      const nobody = await somebody();
      const both = await doubtful(nobody, bundle(anna(), berta()));
      await expectCode(
        "CHART_CONTRADICTED",
        clinic.client.assignInput({ item: both, patient: nobody.id, reason: "seen the person" }),
      );
      expect(await countOf(nobody)).to.equal(0);
      await expectCode("REASON_MISSING", assign(hers, { override: true, reason: "" }));
      await assign(hers, { override: true });
      expect((await clinic.client.listDecisions()).map(({ kind }) => kind)).to.include.members(["override", "assign"]);
    });

    it("nothing is logged as decided that couldn't be done", async () => {
      const patient = await world.patient("nobody's patient");
      const related = await somebody();
      const item = await doubtful(related, bundle(anna(), weight("Patient/7", 68)));
      const before = await clinic.client.listDecisions();
      const assign = (more = {}) =>
        clinic.client.assignInput({ item, patient: patient.id, reason: "seen the person", ...more });
      await expectCode("NOT_AN_ACTIVE_STEWARD", assign());
      await expectCode("NOT_AN_ACTIVE_STEWARD", assign({ override: true }));
      await expectCode("NOT_AN_ACTIVE_STEWARD", importing(patient, bundle(anna()), "seen the person"));
      expect(await clinic.client.listDecisions()).to.deep.equal(before);
      expect(clinic.vault.people.get(patient.id)).to.deep.equal([]);
      await clinic.client.assignInput({ item, patient: related.id, reason: "seen the person" });
      expect(await lastDecision()).to.deep.include({ kind: "assign" });
    });

    it("two people are split, and each goes into a chart", async () => {
      const [one, other] = [await somebody(), await somebody()];
      const whole = bundle(anna(), weight("Patient/1", 66), berta(), weight("Patient/2", 88));
      const item = await doubtful(one, whole);
      const split = (entries: number[]) => clinic.client.splitInput({ item, entries, reason: "two people" });
      for (const wrong of [[], [0, 1, 2, 3], [4], [-1]]) await expectCode("SPLIT_INVALID", split(wrong));
      const { splitOff, rest } = await split([2, 3]);
      const waiting = await clinic.client.listWorklist();
      expect(waiting.filter((each) => [splitOff, rest].includes(each.item)).map(({ code }) => code)).to.deep.equal([
        "SPLIT_OFF",
        "SPLIT_OFF",
      ]);
      await clinic.client.assignInput({ item: rest, patient: one.id, reason: "Anna's" });
      await clinic.client.assignInput({ item: splitOff, patient: other.id, reason: "Berta's" });
      const contentOf = async ({ id }: Actor) => {
        const records = await clinic.client.listRecords({ patient: id });
        const opened = records.map(({ digest }) => clinic.client.openRecord({ digest, purpose: "TREAT" }));
        return (await Promise.all(opened)).map(({ content }) => text(content)).join();
      };
      expect(await contentOf(one))
        .to.include("Novak")
        .and.not.include("Ilves");
      expect(await contentOf(other))
        .to.include("Ilves")
        .and.not.include("Novak");
    });

    it("a split that leaves a doubt leaves it on the list", async () => {
      const patient = await somebody();
      const item = await doubtful(patient, bundle(anna(), berta(), weight("Patient/7", 67)));
      const { splitOff, rest } = await clinic.client.splitInput({ item, entries: [1], reason: "two people" });
      const codes = new Map((await clinic.client.listWorklist()).map((each) => [each.item, each.code]));
      expect([codes.get(splitOff), codes.get(rest)]).to.deep.equal(["SPLIT_OFF", "FOREIGN_PATIENT"]);
    });

    describe("a record that may be sensitive", () => {
      const cells: Resource = { ...(weight("Patient/1", 1) as object), code: { text: "CD4 count" } } as Resource;
      const inDoubt = async (patient: Actor) => {
        const { records } = await importing(patient, bundle(anna(), cells));
        const { digest } = records.find(({ category }) => category === "SENSITIVE")!;
        const item = (await clinic.client.listWorklist()).find(({ record }) => record === digest)!;
        return { digest, item };
      };
      const categoriesOf = async (patient: Actor) =>
        (await clinic.client.listRecords({ patient: patient.id })).map(({ category }) => category);

      it("is SENSITIVE in the chart, and waits for a word about it", async () => {
        const { item } = await inDoubt(await somebody());
        expect(item).to.deep.include({ code: "SENSITIVITY_IN_DOUBT", size: 0 });
        expect(item.places.join()).to.include("Observation").and.include("may be HIV");
        for (const wrong of [
          clinic.client.discardInput({ item: item.item, reason: "x" }),
          clinic.client.assignInput({ item: item.item, patient: 1, reason: "x" }),
        ]) {
          await expectCode("WORKLIST_ITEM_WRONG", wrong);
        }
      });

      it("stays so when that is confirmed", async () => {
        const patient = await somebody();
        const { item } = await inDoubt(patient);
        const before = await categoriesOf(patient);
        await clinic.client.reclassify({ item: item.item, sensitive: true, reason: "asked the ward" });
        expect(await categoriesOf(patient)).to.deep.equal(before);
        expect(await lastDecision()).to.deep.include({ kind: "confirm-sensitive", reason: "asked the ward" });
        const again = clinic.client.reclassify({ item: item.item, sensitive: true, reason: "x" });
        await expectCode("WORKLIST_ITEM_UNKNOWN", again);
      });

      it("is added in its ordinary category when that is lifted, as what amends it", async () => {
        const patient = await somebody();
        const { digest, item } = await inDoubt(patient);
        const lift = (reason: string) => clinic.client.reclassify({ item: item.item, sensitive: false, reason });
        await expectCode("REASON_MISSING", lift(""));
        const [added] = await lift("a routine count");
        const { manifest, content } = await clinic.client.openRecord({ digest: added!.digest, purpose: "TREAT" });
        expect(hexlify(manifest.amends!)).to.equal(digest);
        expect(text(content)).to.include("CD4 count");
        expect(await categoriesOf(patient)).to.include("OBSERVATION");
        expect(await lastDecision()).to.deep.include({ kind: "lift-sensitive", reason: "a routine count" });
      });

      it("is asked about once, however often its import is repeated, and whatever was said", async () => {
        for (const sensitive of [true, false]) {
          const patient = await somebody();
          const { digest, item } = await inDoubt(patient);
          await clinic.client.reclassify({ item: item.item, sensitive, reason: "asked the ward" });
          const { records } = await importing(patient, bundle(anna(), cells));
          expect(records.map((record) => record.alreadyThere)).not.to.include(false);
          const asked = (await clinic.client.listWorklist()).map(({ record }) => record);
          expect(asked, `sensitive: ${sensitive}`).not.to.include(digest);
        }
      });

      it("is retracted together with the copies that lifting made of it, each told of; other amendments stay", async () => {
        const patient = await somebody();
        const { digest, item } = await inDoubt(patient);
        const [copy] = await clinic.client.reclassify({ item: item.item, sensitive: false, reason: "a routine count" });
        const corrected = await clinic.client.addRecord({
          ...{ patient: patient.id, category: "CARE", content: bytes("not hers"), mediaType: "text/plain" },
          amends: digest,
        });
        const reason = "of another person";
        const { anchored, copies } = await clinic.client.retractRecord({ digest, reason });
        expect([anchored, ...copies.map((each) => each.anchored)]).to.deep.equal([true, true]);
        expect(copies.map(({ record }) => record)).to.deep.equal([copy!.digest]);
        expect(copies[0]!.statement).to.deep.include({ reason, category: "OBSERVATION" });
        for (const retracted of [digest, copy!.digest]) {
          const opened = clinic.client.openRecord({ digest: retracted, purpose: "TREAT" });
          await expectCode("RECORD_RETRACTED", opened);
        }
        await clinic.client.openRecord({ digest: corrected.digest, purpose: "TREAT" });
        const { recordCount } = await clinic.client.overviewOf({ patient: patient.id });
        const again = await clinic.client.retractRecord({ digest, reason });
        expect(again.copies.map(({ record }) => record)).to.deep.equal([copy!.digest]);
        expect((await clinic.client.overviewOf({ patient: patient.id })).recordCount).to.equal(recordCount);
      });

      it("takes the copies with it, too, where the lifting was interrupted before it was logged", async () => {
        const patient = await somebody();
        const { digest } = await inDoubt(patient);
        // What lifting adds first, and what it logs once that is there.
        const copy = await clinic.client.addRecord({
          ...{ patient: patient.id, category: "OBSERVATION", content: bytes(bundle(cells)), amends: digest },
        });
        const { copies } = await clinic.client.retractRecord({ digest, reason: "of another person" });
        expect(copies.map(({ record }) => record)).to.deep.equal([copy.digest]);
        const asked = (await clinic.client.listWorklist()).map(({ record }) => record);
        expect(asked, "nothing is left to ask").not.to.include(digest);
        await importing(patient, bundle(anna(), cells));
        expect((await clinic.client.listWorklist()).map(({ record }) => record)).not.to.include(digest);
      });

      it("is reclassified only as a record, and an input only as an input", async () => {
        const item = await doubtful(await somebody(), bundle(anna(), weight("Patient/7", 69)));
        await expectCode("WORKLIST_ITEM_WRONG", clinic.client.reclassify({ item, sensitive: true, reason: "x" }));
      });
    });

    it("an input is discarded, and nothing of it stays but the decision", async () => {
      const patient = await somebody();
      const item = await doubtful(patient, bundle(anna(), weight("Patient/7", 68)));
      await expectCode("REASON_MISSING", clinic.client.discardInput({ item, reason: "" }));
      await clinic.client.discardInput({ item, reason: "sent by mistake" });
      expect((await clinic.client.listWorklist()).map((each) => each.item)).not.to.include(item);
      expect(await lastDecision()).to.deep.include({ kind: "discard", reason: "sent by mistake" });
      expect(JSON.stringify(await lastDecision())).not.to.include("Novak");
    });
  });
});
