import { expect } from "chai";

import { sensitivitiesOf, SENSITIVITY_CLASSES } from "../../../src/fhir/index.js";
import type { SensitivityClass } from "../../../src/sdk/index.js";
import { classesIn, classMask, kindFrom, namesOfKind } from "../../../src/sdk/vocabulary.js";
import { createDevnet, fixture, handOn, relate, throughJson } from "../../../devnet/index.js";
import { bytes, expectCode, HOUR, inFuture, outcomeOf } from "../helpers.js";

/** A condition with this ICD-10 code. */
const condition = (code: string) =>
  JSON.stringify({
    resourceType: "Condition",
    subject: { reference: "Patient/1" },
    code: { coding: [{ system: "http://hl7.org/fhir/sid/icd-10", code }] },
  });

describe("a class of sensitive data", () => {
  const load = fixture(async () => {
    const world = await createDevnet();
    const [clinic, alice] = [await world.institution("General Hospital"), await world.patient("alice")];
    const viewer = await world.institution("City Clinic");
    await relate(clinic, alice);
    let count = 0;
    const add = async (...sensitivities: SensitivityClass[]) => {
      const content = bytes(`record ${++count}`);
      return clinic.client.addRecord({ patient: alice.id, category: "SENSITIVE", content, sensitivities });
    };
    const grant = async () =>
      alice.client.grantAccess({
        ...{ viewer: viewer.id, steward: clinic.id, purpose: "TREAT", categories: ["SENSITIVE"] },
        until: await inFuture(world, HOUR),
      });
    const read = (digest: string) => outcomeOf(viewer.client.openRecord({ digest, purpose: "TREAT" }));
    return Object.assign(world, { clinic, alice, viewer, add, grant, read });
  });
  after(async () => (await load()).close());

  it("is a bit of a mask, in one order for ever", () => {
    expect(SENSITIVITY_CLASSES.map((name) => classMask([name]))).to.deep.equal([1, 2, 4, 8, 16, 32, 64]);
    for (let mask = 0; mask < 128; mask++) expect(classMask(classesIn(mask))).to.equal(mask);
    expect(classesIn(0b10001)).to.deep.equal(["PSY", "HIV"]);
    const kind = { category: "SENSITIVE", classes: ["ETH", "SEX"], confidential: true } as const;
    expect(namesOfKind(kindFrom(kind))).to.deep.equal(kind);
    expect(kindFrom({ category: "SENSITIVE" }), "of no class that is known").to.deep.equal({
      category: 7,
      classes: 64,
    });
    expect(kindFrom({ category: "SUMMARY" })).to.deep.equal({ category: 0 });
  });

  it("is what each of HL7's labels comes to", () => {
    const labels: Record<SensitivityClass, string> = {
      PSY: "PSY MH BH EMOTDIS COGN DVD",
      PSYTHPN: "PSYTHPN",
      ETH: "ETH ETHUD SUD OPIOIDUD 42CFRPart2",
      SEX: "SEX STD",
      HIV: "HIV HIVAIDS",
      SDV: "SDV VIO MST IPV",
      OTHER: "ADOL TBOO SPI R V",
    };
    for (const [name, codes] of Object.entries(labels)) {
      for (const code of codes.split(" ")) {
        const list = /^[RV]$/.test(code) ? "v3-Confidentiality" : "v3-ActCode";
        const security = [{ system: `http://terminology.hl7.org/CodeSystem/${list}`, code }];
        const told = sensitivitiesOf({ resourceType: "Basic", code: {}, meta: { security } });
        expect(told, code).to.deep.equal([name]);
        expect(classesIn(classMask(told)), code).to.deep.equal([name]);
      }
    }
  });

  it("has a compartment of its own; what is of several classes has one of all of them", async () => {
    const { clinic, alice, add } = await load();
    const added = [await add("PSY"), await add("HIV"), await add("PSY", "HIV"), await add("HIV", "PSY"), await add()];
    expect(added.map(({ round, roundOpened }) => [round, roundOpened])).to.deep.equal([
      ...[0, 1, 2].map(() => [0, true]),
      [0, false],
      [0, true],
    ]);
    const keys = await clinic.client.listKeys({ patient: alice.id });
    expect(keys.map(({ classes }) => classes)).to.deep.equal([["PSY"], ["HIV"], ["PSY", "HIV"], ["OTHER"]]);
    const listed = await clinic.client.listRecords({ patient: alice.id });
    expect(listed.map(({ sensitivities }) => sensitivities)).to.have.deep.members([
      ...[["PSY"], ["HIV"], ["PSY", "HIV"], ["PSY", "HIV"], ["OTHER"]],
    ]);
  });

  it("narrows what a viewer opens: who has the keys of some classes opens what has no other", async () => {
    const { clinic, alice, viewer, add, grant, read } = await load();
    const [psy, hiv, both] = [await add("PSY"), await add("HIV"), await add("PSY", "HIV")];
    await grant();
    await handOn(clinic, alice, alice.id);
    const keys = await alice.client.listKeys({ patient: alice.id });
    const except = keys.filter(({ classes }) => classes.join() !== "PSY").map(({ id }) => id);
    for (const giver of [alice, clinic]) {
      const asked = { patient: alice.id, viewer: viewer.id, purpose: "TREAT" as const };
      const file = throughJson(await giver.client.releaseKeys({ ...asked, except }));
      expect((await viewer.client.takeKeys({ file })).keys).to.equal(1);
      for (const envelopes of throughJson(await giver.client.releaseEnvelopes(asked))) {
        expect(await viewer.client.takeEnvelopes({ file: envelopes })).to.deep.include({ locked: 2 });
      }
    }
    expect(await Promise.all([psy, hiv, both].map(({ digest }) => read(digest)))).to.deep.equal([
      "done",
      "RECORD_UNKNOWN",
      "RECORD_UNKNOWN",
    ]);
    await handOn(clinic, viewer, alice.id);
    expect(await Promise.all([psy, hiv, both].map(({ digest }) => read(digest)))).to.deep.equal([
      "done",
      "done",
      "done",
    ]);
  });

  it("gets another round when a viewer lost access, and each its own", async () => {
    const { clinic, alice, viewer, add, grant } = await load();
    await add("PSY");
    await add("HIV");
    await grant();
    await handOn(clinic, viewer, alice.id);
    await alice.client.revokeAccess({ viewer: viewer.id });
    expect(await add("PSY")).to.deep.include({ round: 1, members: [] });
    expect(await add("PSY")).to.deep.include({ round: 1, roundOpened: false });
    expect(await add("HIV")).to.deep.include({ round: 1, roundOpened: true });
    expect(await add("SEX")).to.deep.include({ round: 0, roundOpened: true });
  });

  it("that isn't given is the one that the record tells, or OTHER where it tells none", async () => {
    const { clinic, alice } = await load();
    const added = async (content: string, sensitivities?: readonly SensitivityClass[]) => {
      const input = { patient: alice.id, category: "SENSITIVE" as const, content: bytes(content) };
      const { digest } = await clinic.client.addRecord({ ...input, ...(sensitivities && { sensitivities }) });
      return (await clinic.client.listRecords()).find((record) => record.digest === digest)!.sensitivities;
    };
    expect(await added(condition("F32.1"))).to.deep.equal(["PSY"]);
    expect(await added("no FHIR")).to.deep.equal(["OTHER"]);
    expect(await added(condition("B20"), ["SDV"]), "its author's word").to.deep.equal(["SDV"]);
    expect(await added("none is named", [])).to.deep.equal(["OTHER"]);
  });

  it("is refused where it doesn't exist or isn't of this category, and nothing is added", async () => {
    const { clinic, alice } = await load();
    const input = { patient: alice.id, content: bytes("one") };
    const unknown = { ...input, category: "SENSITIVE" as const, sensitivities: ["VIO" as SensitivityClass] };
    await expectCode("UNKNOWN_NAME", clinic.client.addRecord(unknown));
    const ordinary = { ...input, category: "CARE" as const, sensitivities: ["PSY"] as const };
    await expectCode("CLASSES_OF_ORDINARY", clinic.client.addRecord(ordinary));
    expect(await clinic.client.listRecords()).to.deep.equal([]);
  });
});
