import { existsSync, globSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { CATEGORIES } from "chartchain/fhir";
import { type Actor, createDevnet, type Devnet, relate } from "chartchain/devnet";

import type { Visible } from "../../src/store/index.js";
import { Upstream } from "../../src/upstream/upstream.js";
import { onEachDatabase, type Opened } from "../store/places.js";
import { type Hapi, startHapi } from "./hapi.js";
import { attest, MRN, patientOf, PSYCHIATRIC, weightOf } from "./people.js";

/** Real and synthetic inputs that stand beside the project, where they do. */
const INPUTS = "../shared/data/fhir";

interface Body {
  resourceType: string;
  id: string;
}

let world: Devnet;
let hospital: Actor;
let hapi: Hapi;
before(async function () {
  const started = await startHapi();
  if ("reason" in started) {
    console.log(`    without HAPI FHIR: ${started.reason}`);
    this.skip();
  }
  hapi = started;
});
before(async () => {
  world = await createDevnet();
  hospital = await world.institution("General Hospital");
});
after(async () => {
  await hapi?.close();
  await world?.close();
});

const everythingOf = ({ id: patient }: Actor): Visible =>
  CATEGORIES.flatMap((category) => [true, false].map((confidential) => ({ patient, category, confidential })));
const ordinaryOf = (actor: Actor): Visible =>
  (everythingOf(actor) as Exclude<Visible, "everything">).filter(({ category }) => category !== "SENSITIVE");

onEachDatabase("HAPI FHIR behind the store", (open) => {
  /** The other database's are others. */
  const tag = Math.random().toString(36).slice(2, 8);
  const own = (name: string) => `${tag}-${name}`;
  let opened: Opened;
  let upstream: Upstream;
  let alice: Actor;
  let bob: Actor;
  before(async () => {
    // Before the database, which takes so long to open that a connection to the node is closed meanwhile.
    [alice, bob] = [await known(own("1001")), await known(own("1002"))];
    opened = await open();
    upstream = await Upstream.open(
      // It wants two minutes between two questions about an export.
      {
        ...{ ...opened, client: hospital.client, onChange: () => undefined, clock: () => 1_800_000_000 },
        longestPause: 1_000,
      },
      { url: hapi.url, addresses: ["127.0.0.1"], every: 60 },
    );
  });

  /** A participant of whom the hospital knows who it is. */
  async function known(mrn: string): Promise<Actor> {
    const actor = await world.patient(`${mrn} ${Math.random()}`);
    await relate(hospital, actor);
    await attest(hospital, actor, mrn);
    return actor;
  }
  const put = async (...resources: object[]) => {
    const entry = (resources as Body[]).map((resource) => ({
      resource,
      request: { method: "PUT", url: `${resource.resourceType}/${resource.id}` },
    }));
    const { status } = await hapi.send("POST", "", { resourceType: "Bundle", type: "transaction", entry });
    expect(status).to.equal(200);
  };
  const found = async (visible: Visible, type = "Observation") => {
    const { entries } = await opened.store.search({ type, parameters: [["_count", "500"]] }, visible);
    return entries;
  };
  const idsOf = async (visible: Visible) => (await found(visible)).map(({ id }) => id.replace(`${tag}-`, "")).sort();

  it("is read, followed, and asked again before anything goes out", async () => {
    const weights = Array.from({ length: 60 }, (_, at) => weightOf(own("a"), own(`w-${at}`), 50 + at));
    const doctor = { resourceType: "Practitioner", id: "doctor", name: [{ family: "Sample" }] };
    await put(doctor, patientOf(own("a"), own("1001")), patientOf(own("b"), own("1002")));
    await put(...weights, weightOf(own("a"), own("moving"), 70, { performer: [{ reference: "Practitioner/doctor" }] }));
    const first = await upstream.sync();
    expect(first).to.include({ doubtful: 0 });
    expect(await idsOf(ordinaryOf(alice)))
      .to.include("w-59")
      .and.to.have.length.greaterThan(60);
    expect((await found(ordinaryOf(alice), "Practitioner")).map(({ id }) => id)).to.deep.equal(["doctor"]);
    expect(await upstream.isStillSo(await found(ordinaryOf(alice)))).to.equal(true);

    // What nobody has read yet.
    await put(weightOf(own("b"), own("moving"), 70), weightOf(own("a"), own("w-0"), 50, PSYCHIATRIC));
    await hapi.send("DELETE", `Observation/${own("w-1")}`);
    expect(await upstream.isStillSo(await found(ordinaryOf(alice)))).to.equal(false);
    expect(await idsOf(ordinaryOf(alice))).to.not.include.members(["moving"]);
    expect(await idsOf(ordinaryOf(alice))).to.not.include.members(["w-0"]);
    expect(await idsOf(ordinaryOf(alice))).to.not.include.members(["w-1"]);
    expect(await idsOf(ordinaryOf(bob))).to.include("moving");
    expect(await upstream.isStillSo(await found(ordinaryOf(alice)))).to.equal(true);

    // By its history, deletions too.
    await put(weightOf(own("a"), own("later"), 99));
    await hapi.send("DELETE", `Observation/${own("w-2")}`);
    expect(await upstream.sync()).to.include({ deleted: 1 });
    expect(await idsOf(ordinaryOf(alice)))
      .to.include("later")
      .and.to.not.include.members(["w-2"]);
    expect(await upstream.sync()).to.include({ changed: 0, deleted: 0 });

    await put(
      patientOf(own("a"), own("1001"), { link: [{ other: { reference: `Patient/${own("b")}` }, type: "replaces" }] }),
    );
    await put(weightOf(own("a"), own("after-the-merge"), 1));
    expect(await upstream.sync()).to.include({ doubtful: 1 });
    expect(await opened.store.read("Observation", own("after-the-merge"), "everything")).to.include({
      type: "Observation",
    });
    expect(await idsOf(ordinaryOf(alice))).to.not.include.members(["after-the-merge"]);
    await put(patientOf(own("a"), own("1001")));
    await hapi.send("DELETE", `Observation/${own("w-0")}`);
    expect(await upstream.sync()).to.include({ doubtful: 0 });
    expect(await idsOf(ordinaryOf(alice))).to.include("after-the-merge");
  });

  it("gives real inputs to their patients, whole and without what is sensitive", async function () {
    const files = globSync(`${INPUTS}/synthea/*.json`).sort().slice(0, 4);
    if (!existsSync(INPUTS) || files.length === 0) {
      console.log(`    without ${INPUTS}: it isn't there`);
      this.skip();
    }
    const people: { actor: Actor; id: string; sent: number }[] = [];
    for (const [at, file] of files.entries()) {
      const bundle = JSON.parse(readFileSync(file, "utf8")) as { entry: { resource: Body }[] };
      const person = bundle.entry.find(({ resource }) => resource.resourceType === "Patient")!.resource as Body & {
        identifier: object[];
      };
      const mrn = `synthea-${at}-${Math.random()}`;
      person.identifier.push({ system: MRN, value: mrn });
      const { status, json } = await hapi.send("POST", "", bundle);
      expect(status).to.equal(200);
      const created = (json as { entry: { response: { location: string } }[] }).entry.map(
        ({ response }) => response.location,
      );
      const actor = await known(mrn);
      const id = created.find((one) => one.startsWith("Patient/"))!.split("/")[1]!;
      people.push({ actor, id, sent: created.length });
    }
    expect(await upstream.sync()).to.include({ unclear: 0, doubtful: 0 });
    let withheld = 0;
    for (const { actor, id, sent } of people) {
      const all = await allOf(id, everythingOf(actor));
      expect(all).to.have.length(sent);
      const staff = await allOf(id, "everything");
      expect(staff).to.deep.equal(all);
      const ordinary = await allOf(id, ordinaryOf(actor));
      expect(all).to.include.members(ordinary);
      withheld += all.length - ordinary.length;
      for (const other of people.filter((one) => one !== people.find((each) => each.id === id)))
        expect(await opened.store.everything(other.id, {}, everythingOf(actor))).to.equal(undefined);
      expect(await upstream.isStillSo(await found(everythingOf(actor)))).to.equal(true);
      // HAPI's own word about the same patient.
      const theirs = await namesAtHapi(id);
      expect(all).to.include.members(theirs.filter((name) => !/^(Practitioner|Organization|Location)\//.test(name)));
    }
    expect(withheld).to.be.greaterThan(0);
  });

  async function allOf(id: string, visible: Visible): Promise<string[]> {
    const names: string[] = [];
    let page: string | undefined;
    do {
      const answer = await opened.store.everything(id, {}, visible, page);
      names.push(...(answer?.entries ?? []).map((entry) => `${entry.type}/${entry.id}`));
      page = answer?.next;
    } while (page !== undefined);
    return names.sort();
  }

  async function namesAtHapi(id: string): Promise<string[]> {
    const names: string[] = [];
    let url: string | undefined = `${hapi.url}/Patient/${id}/$everything?_count=500`;
    while (url !== undefined) {
      const bundle = (await (await fetch(url)).json()) as {
        entry?: { resource: Body }[];
        link?: { relation: string; url: string }[];
      };
      names.push(...(bundle.entry ?? []).map(({ resource }) => `${resource.resourceType}/${resource.id}`));
      url = bundle.link?.find(({ relation }) => relation === "next")?.url;
    }
    return names;
  }
});
