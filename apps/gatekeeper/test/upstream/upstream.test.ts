import { expect } from "chai";
import { CATEGORIES } from "chartchain/fhir";
import { isChartChainError } from "chartchain/errors";
import { type Actor, createDevnet, type Devnet, relate } from "chartchain/devnet";

import { Upstream } from "../../src/upstream/upstream.js";
import { onEachDatabase, type Opened } from "../store/places.js";
import type { Visible } from "../../src/store/index.js";
import { type SmallServer, startSmallServer } from "./fhir-server.js";
import { attest, patientOf, PSYCHIATRIC, weightOf } from "./people.js";

/** Everything of a participant but what is sensitive. */
const ordinaryOf = ({ id: patient }: Actor): Visible =>
  CATEGORIES.filter((one) => one !== "SENSITIVE").map((category) => ({ patient, category, confidential: false }));

let world: Devnet;
let hospital: Actor;
let alice: Actor;
let bob: Actor;
before(async () => {
  world = await createDevnet();
  hospital = await world.institution("General Hospital");
  [alice, bob] = [await world.patient("alice"), await world.patient("bob")];
  for (const patient of [alice, bob]) await relate(hospital, patient);
  await attest(hospital, alice, "1001");
  await attest(hospital, bob, "1002");
});
after(() => world.close());

onEachDatabase("The hospital's FHIR server behind the store", (open) => {
  let opened: Opened;
  let server: SmallServer;
  let upstream: Upstream;
  let seconds: number;
  before(async () => {
    opened = await open();
  });
  beforeEach(() => useServer(true));
  afterEach(() => server.close());

  async function useServer(hasHistory: boolean): Promise<void> {
    await server?.close();
    await opened.empty();
    server = await startSmallServer({ hasHistory });
    seconds = 1_800_000_000;
    upstream = await openUpstream();
  }
  const openUpstream = () =>
    Upstream.open(
      { ...opened, client: hospital.client, onChange: () => undefined, clock: () => seconds },
      { url: server.url, addresses: ["127.0.0.1"], every: 60 },
    );
  const seen = async (name: string, visible: Visible): Promise<Record<string, unknown> | undefined> => {
    const [type, id] = name.split("/");
    const json = (await opened.store.read(type!, id!, visible))?.json;
    return json === undefined ? undefined : (JSON.parse(json) as Record<string, unknown>);
  };
  const weightSeen = async (name: string, visible: Visible) =>
    ((await seen(name, visible)) as { valueQuantity?: { value: number } } | undefined)?.valueQuantity?.value;
  const peopleOf = async () =>
    (await upstream.people.list()).map(({ id, state, participant, doubts }) => [id, state, participant, ...doubts]);
  const codeOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "nothing",
      (error: unknown) => (isChartChainError(error) ? error.code : String(error)),
    );
  const foundBy = async (visible: Visible, type = "Observation") =>
    (await opened.store.search({ type, parameters: [] }, visible)).entries;

  for (const hasHistory of [true, false]) {
    it(`is read, and followed by ${hasHistory ? "its history" : "searches"}`, async () => {
      await useServer(hasHistory);
      server.put(
        { resourceType: "Organization", id: "ward", name: "Ward" },
        { resourceType: "Practitioner", id: "doctor", name: [{ family: "Sample" }] },
        { resourceType: "Practitioner", id: "nobody", name: [{ family: "Unused" }] },
        patientOf("a", "1001", { managingOrganization: { reference: "Organization/ward" } }),
        patientOf("b", "1002"),
        weightOf("a", "w1", 60, { performer: [{ reference: `${server.url}/Practitioner/doctor` }] }),
        weightOf("b", "w2", 70),
        ...Array.from({ length: 9 }, (_, at) => weightOf("a", `more-${at}`, at)),
      );
      expect(await upstream.sync()).to.include({ changed: 13, unclear: 0, doubtful: 0 });
      expect(await weightSeen("Observation/w1", ordinaryOf(alice))).to.equal(60);
      expect(await seen("Practitioner/doctor", ordinaryOf(alice))).to.include({ id: "doctor" });
      expect(await seen("Organization/ward", ordinaryOf(alice))).to.include({ name: "Ward" });
      expect(await seen("Practitioner/nobody", "everything")).to.equal(undefined);
      expect(await seen("Observation/w2", ordinaryOf(alice))).to.equal(undefined);

      // Once more, and nothing changes; then what changed.
      expect(await upstream.sync()).to.include({ changed: 0, deleted: 0 });
      server.put(weightOf("a", "w1", 61), weightOf("b", "w3", 71), {
        resourceType: "Organization",
        id: "ward",
        name: "Ward 2",
      });
      await upstream.sync();
      expect(await weightSeen("Observation/w1", ordinaryOf(alice))).to.equal(61);
      expect(await weightSeen("Observation/w3", ordinaryOf(bob))).to.equal(71);
      expect(await seen("Organization/ward", ordinaryOf(alice))).to.include({ name: "Ward 2" });

      server.delete("Observation/w1", "Observation/w3");
      expect(await upstream.sync({ again: !hasHistory })).to.include({ deleted: 2 });
      expect(await seen("Observation/w1", "everything")).to.equal(undefined);
      expect(await seen("Observation/w3", ordinaryOf(bob))).to.equal(undefined);
      expect(await seen("Observation/w2", ordinaryOf(bob))).to.include({ id: "w2" });
    });
  }

  it("has its own staff see whoever is no participant, and others once somebody is", async () => {
    const carol = await world.patient(`carol ${Math.random()}`);
    const mrn = `c${carol.id}`;
    server.put(patientOf("c", mrn), weightOf("c", "w", 50));
    await upstream.sync();
    expect(await peopleOf()).to.deep.equal([["c", "nobody", undefined]]);
    expect([
      await weightSeen("Observation/w", "everything"),
      await weightSeen("Observation/w", ordinaryOf(carol)),
    ]).to.deep.equal([50, undefined]);
    await relate(hospital, carol);
    await attest(hospital, carol, mrn);
    await upstream.sync();
    expect(await weightSeen("Observation/w", ordinaryOf(carol))).to.equal(50);
    expect(await foundBy("everything")).to.have.length(1);
  });

  it("keeps what isn't clearly one patient's from everybody", async () => {
    server.put(
      patientOf("a", "1001"),
      patientOf("b", "1002"),
      weightOf("a", "two", 1, { focus: [{ reference: "Patient/b" }] }),
      weightOf("a", "elsewhere", 1, { subject: { reference: "http://other.example/fhir/Patient/a" } }),
      weightOf("a", "by-number", 1, { subject: { identifier: { system: "http://other.example", value: "1" } } }),
      weightOf("missing", "of-nobody", 1),
      weightOf("a", "sound", 2),
    );
    expect(await upstream.sync()).to.include({ unclear: 4 });
    expect((await foundBy("everything")).map(({ id }) => id)).to.deep.equal(["sound"]);
  });

  it("takes a resource that moved out of the former patient's data before it is in another's, with its history", async () => {
    server.put(patientOf("a", "1001"), patientOf("b", "1002"), weightOf("a", "w", 60));
    await upstream.sync();
    server.put(weightOf("b", "w", 60));
    await upstream.sync();
    expect(await opened.store.history("Observation", "w", ordinaryOf(alice))).to.equal(undefined);
    expect(await opened.store.history("Observation", "w", ordinaryOf(bob))).to.have.length(1);
  });

  it("gives a Provenance to whose resources it is about, and to nobody where these are two people's", async () => {
    const about = (id: string, ...targets: string[]) => ({
      ...{ resourceType: "Provenance", id, recorded: "2026-01-01T00:00:00Z" },
      target: targets.map((target) => ({ reference: `Observation/${target}` })),
      agent: [{ who: { display: "Device" } }],
    });
    server.put(patientOf("a", "1001"), patientOf("b", "1002"), weightOf("a", "wa", 1), weightOf("b", "wb", 2));
    server.put(about("one", "wa"), about("two", "wa", "wb"));
    expect(await upstream.sync()).to.include({ unclear: 1 });
    expect(await seen("Provenance/one", ordinaryOf(alice))).to.include({ id: "one" });
    expect(await seen("Provenance/two", "everything")).to.equal(undefined);
  });

  describe("when it isn't certain whose data a Patient there is", () => {
    const merged = [
      patientOf("a", "1001", { link: [{ other: { reference: "Patient/a2" }, type: "replaces" }] }),
      patientOf("a2", "9", { active: false, link: [{ other: { reference: "Patient/a" }, type: "replaced-by" }] }),
    ];
    beforeEach(async () => {
      server.put(patientOf("a", "1001"), weightOf("a", "w1", 60), weightOf("a", "w2", 61));
      await upstream.sync();
    });

    /** Others see what they saw, and nothing that is new or changed; staff sees all. */
    const isFrozen = async () => {
      server.put(weightOf("a", "w2", 62), weightOf("a", "w3", 63));
      await upstream.sync();
      const others = [1, 2, 3].map((n) => weightSeen(`Observation/w${n}`, ordinaryOf(alice)));
      expect(await Promise.all(others)).to.deep.equal([60, undefined, undefined]);
      expect(await opened.store.history("Observation", "w2", ordinaryOf(alice))).to.equal(undefined);
      const staff = [1, 2, 3].map((n) => weightSeen(`Observation/w${n}`, "everything"));
      expect(await Promise.all(staff)).to.deep.equal([60, 62, 63]);
      const everything = await opened.store.everything("a", {}, "everything");
      expect(everything!.entries.filter(({ type }) => type === "Observation")).to.have.length(3);
    };

    it("freezes one that was merged, until a person confirms it", async () => {
      server.put(...merged);
      await isFrozen();
      expect(await peopleOf()).to.deep.equal([
        ["a", "doubtful", alice.id, "linked"],
        ["a2", "nobody", undefined],
      ]);
      // It stays so over a restart, and however often it is read.
      upstream = await openUpstream();
      expect(await upstream.sync()).to.include({ doubtful: 1 });
      const confirmed = await upstream.confirm("a", { participant: alice.id, reason: "asked at the desk" });
      expect(confirmed).to.include({ state: "taken", participant: alice.id });
      const others = [1, 2, 3].map((n) => weightSeen(`Observation/w${n}`, ordinaryOf(alice)));
      expect(await Promise.all(others)).to.deep.equal([60, 62, 63]);
      expect(await upstream.sync()).to.include({ doubtful: 0 });
      // What is new about it is asked about anew.
      server.put(patientOf("a", "1001", { link: [{ other: { reference: "Patient/a3" }, type: "replaces" }] }));
      expect(await upstream.sync()).to.include({ doubtful: 1 });
    });

    it("freezes one that isn't in use any more", async () => {
      server.put(patientOf("a", "1001", { active: false }));
      await isFrozen();
      expect(await peopleOf()).to.deep.equal([["a", "doubtful", alice.id, "inactive"]]);
    });

    it("freezes one with two participants' numbers, and hands its data to whom a person names alone", async () => {
      const identifier = (patientOf("a", "1001") as { identifier: object[] }).identifier;
      const second = (patientOf("a", "1002") as { identifier: object[] }).identifier;
      server.put(patientOf("a", "", { identifier: [...identifier, ...second] }));
      await isFrozen();
      expect(await peopleOf()).to.deep.equal([["a", "doubtful", alice.id, "several participants"]]);
      await upstream.confirm("a", { participant: bob.id, reason: "it was Bob's all along" });
      expect(await weightSeen("Observation/w3", ordinaryOf(bob))).to.equal(63);
      for (const name of ["Patient/a", "Observation/w1", "Observation/w2", "Observation/w3"])
        expect(await opened.store.history(...(name.split("/") as [string, string]), ordinaryOf(alice)), name).to.equal(
          undefined,
        );
      const lines = await foundBy("everything");
      expect(lines).to.have.length(3);
    });

    it("freezes two with one participant's number, and takes each as a person says", async () => {
      server.put(
        patientOf("z", "1001", { name: [{ family: "Other" }], birthDate: "1999-09-09" }),
        weightOf("z", "wz", 99),
      );
      await isFrozen();
      expect((await peopleOf()).map(([id, state, participant]) => [id, state, participant])).to.deep.equal([
        ["a", "doubtful", alice.id],
        ["z", "doubtful", undefined],
      ]);
      expect([
        await weightSeen("Observation/wz", "everything"),
        await weightSeen("Observation/wz", ordinaryOf(alice)),
      ]).to.deep.equal([99, undefined]);
      await upstream.confirm("z", { participant: undefined, reason: "a mistyped number" });
      await upstream.confirm("a", { participant: alice.id, reason: "the right one" });
      expect(await weightSeen("Observation/w3", ordinaryOf(alice))).to.equal(63);
      expect([
        await weightSeen("Observation/wz", "everything"),
        await weightSeen("Observation/wz", ordinaryOf(alice)),
      ]).to.deep.equal([99, undefined]);
    });

    it("freezes one whose number is another's now", async () => {
      server.put(patientOf("a", "1002"));
      await isFrozen();
      expect(await peopleOf()).to.deep.equal([["a", "doubtful", alice.id, "changed"]]);
    });

    it("takes no word about whom it doesn't know", async () => {
      const work = upstream.confirm("no-such", { participant: alice.id, reason: "a guess" });
      expect(await codeOf(work)).to.equal("UPSTREAM_PATIENT_UNKNOWN");
    });
  });

  describe("before anything goes to others", () => {
    beforeEach(async () => {
      server.put(patientOf("a", "1001"), patientOf("b", "1002"), weightOf("a", "w1", 60), weightOf("a", "w2", 61));
      await upstream.sync();
      server.asked.length = 0;
    });

    it("is asked by id for what may be shown, and for nothing else", async () => {
      expect(await upstream.isStillSo(await foundBy(ordinaryOf(alice)))).to.equal(true);
      const asked = server.asked.map((line) => decodeURIComponent(line));
      expect(asked).to.deep.equal(["GET /fhir/Observation?_id=w1,w2&_count=2"]);
      expect(await upstream.isStillSo([])).to.equal(true);
      expect(server.asked).to.have.length(1);
    });

    it("has a new label heeded that no sync knows of", async () => {
      server.put(weightOf("a", "w1", 60, PSYCHIATRIC));
      expect(await upstream.isStillSo(await foundBy(ordinaryOf(alice)))).to.equal(false);
      const found = await foundBy(ordinaryOf(alice));
      expect(found.map(({ id }) => id)).to.deep.equal(["w2"]);
      expect(await upstream.isStillSo(found)).to.equal(true);
    });

    it("has what was deleted, or moved to another patient, gone", async () => {
      server.delete("Observation/w1");
      server.put(weightOf("b", "w2", 61));
      expect(await upstream.isStillSo(await foundBy(ordinaryOf(alice)))).to.equal(false);
      expect(await foundBy(ordinaryOf(alice))).to.deep.equal([]);
      expect((await foundBy(ordinaryOf(bob))).map(({ id }) => id)).to.deep.equal(["w2"]);
    });

    it("never has another's resource sent that comes under an id", async () => {
      const lies = [
        weightOf("b", "w1", 99),
        { ...weightOf("a", "w1", 99), id: "w9" },
        { resourceType: "Condition", id: "w1", subject: { reference: "Patient/a" } },
      ];
      for (const lie of lies) {
        await useServer(true);
        server.put(patientOf("a", "1001"), patientOf("b", "1002"), weightOf("a", "w1", 60));
        await upstream.sync();
        const found = await foundBy(ordinaryOf(alice));
        server.instead = (_, response) => {
          response.end(JSON.stringify({ resourceType: "Bundle", entry: [{ resource: lie }] }));
          return true;
        };
        expect(await upstream.isStillSo(found)).to.equal(false);
        expect(await foundBy(ordinaryOf(alice))).to.deep.equal([]);
      }
    });

    it("shows nothing while it is out of reach, refuses, redirects, or answers what can't be read", async () => {
      const found = await foundBy(ordinaryOf(alice));
      const faults: [string, NonNullable<SmallServer["instead"]>][] = [
        ["FHIR_SERVER_UNREACHABLE", (request) => (request.socket.destroy(), true)],
        ["FHIR_SERVER_REFUSED", (_, response) => (response.writeHead(401).end(), true)],
        [
          "FHIR_SERVER_LEFT",
          (_, response) => (response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(), true),
        ],
        ["FHIR_SERVER_ANSWER_INVALID", (_, response) => (response.end("<html>"), true)],
        [
          "FHIR_SERVER_LEFT",
          (_, response) => {
            const link = [{ relation: "next", url: "https://elsewhere.example/fhir/page" }];
            response.end(JSON.stringify({ resourceType: "Bundle", link, entry: [] }));
            return true;
          },
        ],
      ];
      for (const [code, instead] of faults) {
        server.instead = instead;
        expect(await codeOf(upstream.isStillSo(found))).to.equal(code);
      }
      server.instead = undefined;
      expect(await upstream.isStillSo(found)).to.equal(true);
    });

    it("shows nothing before it was read to its end, nor once that is too long ago", async () => {
      const found = await foundBy(ordinaryOf(alice));
      seconds += 601;
      expect(await codeOf(upstream.isStillSo(found))).to.equal("UPSTREAM_BEHIND");
      await upstream.sync();
      expect(await upstream.isStillSo(found)).to.equal(true);
      await opened.empty();
      upstream = await openUpstream();
      expect(await codeOf(upstream.isStillSo([]))).to.equal("UPSTREAM_BEHIND");
    });
  });

  it("is read on from where it broke off", async () => {
    server.put(patientOf("a", "1001"), ...Array.from({ length: 10 }, (_, at) => weightOf("a", `w${at}`, at)));
    for (let answers = 1; ; answers++) {
      let left = answers;
      // A kill leaves what a broken connection leaves: what was written until then.
      server.instead = (request) => left-- <= 0 && (request.socket.destroy(), true);
      upstream = await openUpstream();
      const signal = AbortSignal.timeout(200);
      const code = await codeOf(upstream.sync({ signal }));
      if (code === "nothing") break;
      expect(upstream.behind).to.not.equal(undefined);
    }
    server.instead = undefined;
    expect(await foundBy(ordinaryOf(alice))).to.have.length(10);
    expect(await upstream.sync()).to.include({ changed: 0, deleted: 0 });
  });

  it("isn't another one all of a sudden", async () => {
    await upstream.sync();
    const other = await startSmallServer();
    const work = Upstream.open(
      { ...opened, client: hospital.client, onChange: () => undefined, clock: () => seconds },
      { url: other.url, addresses: ["127.0.0.1"], every: 60 },
    );
    expect(await codeOf(work)).to.equal("UPSTREAM_CHANGED");
    await other.close();
  });
});
