import { join } from "node:path";

import { expect } from "chai";

import { handOn } from "../../../devnet/index.js";
import { whoMaySee } from "../../../src/watch/index.js";
import { openIndex } from "../../../src/watch/node/index.js";
import { bytes } from "../helpers.js";
import { readPage } from "./page-checks.js";
import { counted, exportWorld, memorySink, type ExportWorld } from "./world.js";

const observation = (what: string, more: object = {}) =>
  JSON.stringify({ resourceType: "Observation", status: "final", code: { text: what }, ...more });

const REFUTED = JSON.stringify({
  resourceType: "Condition",
  code: { text: "Diabetes" },
  verificationStatus: { coding: [{ code: "refuted" }] },
});

const PERSON = JSON.stringify({
  resourceType: "Patient",
  name: [{ family: "Doe", given: ["Jane"] }],
  birthDate: "1984-07-02",
});

describe("an export's page", () => {
  let world: ExportWorld;
  let page: string;
  const digests: Record<string, string> = {};
  const places: Record<string, number> = {};

  const exported = async () => {
    const sink = memorySink();
    await world.alice.client.exportEverything({ sink });
    return sink.textOf("index.html");
  };
  /** What stands over and in a record's table. */
  const shown = (name: string) => {
    const digest = digests[name]!.slice(0, 18);
    const table = page.split("<table").find((each) => each.includes("<caption>") && each.includes(digest))!;
    const [caption = "", rows = ""] = table.split("</table>")[0]!.split("</caption>");
    const words = (text: string) => text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    return { isGreen: caption.includes('class="good"'), caption: words(caption), rows: words(rows) };
  };
  /** The rows of who may see what, cell by cell. */
  const access = (of: string) => {
    const section = /<section id="access">([^]*?)<\/section>/.exec(of)![1]!.split("<h3>")[0]!;
    return [...section.matchAll(/<tr>\s*(<td[^]*?)<\/tr>/g)].map(([, row]) =>
      [...row!.matchAll(/<td[^>]*>([^]*?)<\/td>/g)].map(([, cell]) => cell!.replace(/\s+/g, " ").trim()),
    );
  };

  before(async () => {
    world = await exportWorld();
    const { hospital, clinic, ambulance, insurer, alice } = world;
    const add = async (
      steward: typeof clinic,
      name: string,
      content: string,
      refersTo: { amends?: string; disputes?: string } = {},
      category: "OBSERVATION" | "SUMMARY" = "OBSERVATION",
    ) => {
      const input = { patient: alice.id, category, content: bytes(content), again: true, ...refersTo };
      digests[name] = (await steward.client.addRecord(input)).digest;
    };
    await add(clinic, "wrong", observation("Creatinine 9.0"));
    await add(clinic, "right", observation("Creatinine 0.9"), { amends: digests["wrong"]! });
    await add(clinic, "contested", observation("Penicillin tolerated"));
    await add(hospital, "contesting", observation("Penicillin not tolerated"), { disputes: digests["contested"]! });
    await add(clinic, "kept", observation("Sodium"));
    await add(hospital, "foreign", observation("Sodium of another"), { amends: digests["kept"]! });
    await add(clinic, "stands", observation("Potassium"));
    await add(clinic, "takenBack", observation("Potassium of another person"), { amends: digests["stands"]! });
    await add(clinic, "before", counted("Pulse", "1.0"));
    await add(clinic, "after", counted("Pulse", "2.0"));
    await add(clinic, "error", observation("Glucose", { status: "entered-in-error" }));
    await add(clinic, "refuted", REFUTED, {}, "SUMMARY");
    await add(hospital, "person", PERSON, {}, "SUMMARY");
    await clinic.client.retractRecord({ digest: digests["takenBack"]!, reason: "another person's" });
    await clinic.client.anchorDummies({ patient: alice.id });
    for (const steward of [hospital, clinic]) await handOn(steward, alice, alice.id);
    const { timestamp } = (await world.provider.getBlock("latest"))!;
    const until = Math.ceil(timestamp / 60) * 60 + 86_400;
    await alice.client.grantAccess({ viewer: insurer.id, purpose: "HPAYMT", categories: ["CARE"], until });
    await ambulance.client.breakGlass({ patient: alice.id, reason: "unconscious" });
    for (const { digest, index } of await alice.client.listRecords()) {
      const name = Object.keys(digests).find((each) => digests[each] === digest)!;
      places[name] = index!;
    }
    page = await exported();
    readPage(page);
  });
  after(() => world.close());

  it("says of a record that was amended which one counts, and of that one what it replaces", () => {
    const { isGreen, caption } = shown("wrong");
    expect(caption).to.include(`Replaced by place ${places["right"]}.`);
    expect(caption).to.include("Verified as it was added");
    expect(isGreen).to.equal(false);
    const right = shown("right");
    expect(right.caption).to.include(`Replaces place ${places["wrong"]}.`);
    expect(right.caption).to.include(`place ${places["right"]} of the history`);
    expect(right.isGreen).to.equal(true);
  });

  it("says whose word it is where somebody else amends or disputes a record", () => {
    const contested = shown("contested");
    const hospital = "General Hospital (participant 1)";
    expect(contested.caption).to.include(`Disputed by place ${places["contesting"]}, of ${hospital}.`);
    expect(contested.isGreen).to.equal(false);
    expect(shown("contesting").caption).to.include(`Disputes place ${places["contested"]}.`);
    expect(shown("kept").caption).to.include(`Amended by place ${places["foreign"]}, of ${hospital}.`);
    expect(shown("kept").caption).not.to.include("Replaced");
    expect(shown("foreign").caption).to.include(`Amends place ${places["kept"]}.`);
  });

  it("lets a record stand whose amendment was retracted", () => {
    const { isGreen, caption } = shown("stands");
    expect(isGreen).to.equal(true);
    expect(caption).not.to.match(/Replaced|Amended/);
    expect(page).not.to.include("Potassium of another person");
  });

  it("says where a later version of a resource is", () => {
    const before = shown("before");
    expect(before.caption).to.include(`A later version was added at place ${places["after"]}.`);
    expect(before.isGreen).to.equal(false);
    expect(before.rows).to.include(`later version at place ${places["after"]}`);
    expect(shown("after").isGreen).to.equal(true);
    expect(shown("after").rows).not.to.include("later version");
  });

  it("says how a resource stands where that isn't what a reader takes for granted", () => {
    expect(shown("error").rows).to.include("Glucose entered-in-error");
    expect(shown("refuted").rows).to.include("Diabetes refuted");
    expect(shown("right").rows).not.to.include("final");
  });

  it("has a day of birth beside the name, and not as the day of something that was found", () => {
    expect(shown("person").rows).to.match(/Patient\s+Jane Doe, born 1984-07-02\s*$/);
  });

  it("says in one sentence what is missing and of how many places nobody here can tell", () => {
    const [section] = /<section id="missing">[^]*?<\/p>/.exec(page)!;
    const words = section.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    expect(words).to.match(
      /2 things are missing or unproved; \d+ places of batches are dummies, or records that were never/,
    );
  });

  it("says who may see what as the contract and whoMaySee say", async () => {
    const { alice, hospital, clinic, insurer, ambulance } = world;
    const rows = access(page);
    expect(rows.map(([who, , , , , basis]) => [who, basis])).to.have.deep.members([
      ["Mutual Insurance (participant 3)", "granted by the patient"],
      ["General Hospital (participant 1)", "its relationship with the patient"],
      ["City Clinic (participant 2)", "its relationship with the patient"],
      ["Ambulance Service (participant 4)", "broke the glass"],
    ]);
    expect(rows.find(([who]) => who!.startsWith("City Clinic"))!.slice(1, 4)).to.deep.equal([
      ...["all that it keeps", "itself", "any purpose"],
    ]);
    expect(rows.find(([who]) => who!.startsWith("Ambulance"))!.slice(1, 4)).to.deep.equal([
      ...["Summary, Medication", "every provider", "emergency treatment"],
    ]);
    const { provider, deployment } = world;
    await using index = await openIndex({ file: join(world.folder, "index.sqlite"), provider, deployment });
    index.follow(alice.id);
    const { seers } = await whoMaySee(await world.clientOf(alice, { events: index }));
    expect(seers.map(({ viewer }) => viewer)).to.have.members([hospital.id, clinic.id, insurer.id, ambulance.id]);
    expect(rows).to.have.length(seers.length);
  });

  it("leaves out whose relationship or break-glass ended, and says whose licence isn't live", async () => {
    const { alice, clinic, hospital, insurer, ambulance } = world;
    await alice.client.endRelationship({ patient: alice.id, provider: clinic.id });
    await alice.client.revokeAccess({ viewer: ambulance.id });
    await world.authority.suspendInstitution({ institution: hospital.id });
    await world.authority.suspendInstitution({ institution: insurer.id });
    const rows = access(await exported());
    expect(rows.map(([who, , , , until]) => [who, until!.split("; ")[1]])).to.have.deep.members([
      ["Mutual Insurance (participant 3)", "not now: its licence isn&#39;t live"],
      ["General Hospital (participant 1)", "not now: its licence isn&#39;t live"],
    ]);
  });
});
