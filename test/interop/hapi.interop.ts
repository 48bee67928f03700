import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { type Actor, createDevnet, type Devnet, relate } from "../../devnet/index.js";
import { importServer } from "../../src/sdk/node/index.js";
import { type Hapi, startHapi } from "../helpers/hapi.js";
import { chartOf } from "../sdk/records/import/chart-of.js";
import { attest, patientOf, type Person, weightOf } from "../sdk/records/import/people.js";
import { skipSuite } from "./engine.js";
import { BUILD_LIMIT } from "./go-program.js";
import { Ledger } from "./ledger.js";

const PEOPLE: readonly Person[] = Array.from({ length: 3 }, (_, at) => ({
  ...{ id: `p${at}`, mrn: `100${at}`, born: `196${at}-04-17`, family: ["Novak", "Ilves", "Okafor"][at]! },
}));
/** More than two pages of a search. */
const WEIGHTS = 250;

describe("HAPI FHIR", () => {
  const ledger = new Ledger("HAPI FHIR");
  let hapi: Hapi;
  let world: Devnet;
  let folder: string;

  before(async function () {
    this.timeout(2 * BUILD_LIMIT);
    const started = await startHapi();
    if ("reason" in started) return skipSuite(this, ledger, started.reason);
    hapi = started;
    const { software } = (await (await fetch(`${hapi.url}/metadata`)).json()) as { software: { version: string } };
    ledger.version(software.version);
    folder = await mkdtemp(join(tmpdir(), "chartchain-interop-hapi-"));
    world = await createDevnet();
    await hapi.put(...PEOPLE.map((person) => patientOf(person)));
    for (const [at, person] of PEOPLE.entries()) {
      const count = at === 0 ? WEIGHTS : 2;
      await hapi.put(...Array.from({ length: count }, (_, i) => weightOf(person, `${person.id}-${i}`, 60 + i)));
    }
  });
  after(async () => {
    await hapi?.close();
    await world?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
    ledger.close();
  });

  let changes = 0;
  for (const by of ["export", "search"] as const) {
    it(`is imported by ${by}, and what changed since amends what was`, async () => {
      const clinic = await world.institution(`Clinic by ${by}`);
      const patients: Actor[] = [];
      for (const person of PEOPLE) {
        const patient = await world.patient(`${person.id} by ${by}`);
        await relate(clinic, patient);
        await attest(clinic, patient, person);
        patients.push(patient);
      }
      // It asks for two minutes between two questions about an export.
      const take = () => importServer(clinic.client, { url: hapi.url, folder, by, longestPause: 1_000 });
      const first = await take();
      expect(first).to.deep.include({ by, waiting: {}, left: [], amended: 0 });
      expect(first.patients.map(({ patient }) => patient)).to.deep.equal(patients.map(({ id }) => id));
      const held = await chartOf(clinic, patients[0]!);
      expect(held.filter((each) => each.startsWith("Observation/"))).to.have.length(WEIGHTS + changes);
      ledger.count("resources taken", held.length);

      changes += 1;
      await hapi.put(weightOf(PEOPLE[1]!, "p1-0", 90 + changes), weightOf(PEOPLE[0]!, `later-${changes}`, 99));
      const second = await take();
      expect(second).to.deep.include({ by, since: first.next, waiting: {}, left: [] });
      // What is new comes with what is there where the server gives both: a search looks back a little further.
      expect(second.amended).to.be.within(1, 2);
      expect(await chartOf(clinic, patients[1]!)).to.include(`Observation/p1-0 ${90 + changes}`);
      expect(await chartOf(clinic, patients[0]!)).to.include(`Observation/later-${changes} 99`);
      expect((await take()).added).to.equal(0);
      ledger.count("imports of what changed", 2);
    });
  }
});
