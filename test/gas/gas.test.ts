import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import Table from "cli-table3";

import { CEILINGS, RELEASE_CEILING, SIGNATURE_CEILING, SIGNED_TWINS } from "./ceilings.js";
import { measureBatches } from "./measures/batches.js";
import { measureBank } from "./measures/bank.js";
import { measureConsents } from "./measures/consents.js";
import { measureDelegates } from "./measures/delegates.js";
import { measureEmergencies } from "./measures/emergencies.js";
import { measureRecords } from "./measures/records.js";
import { measureRecoveries } from "./measures/recoveries.js";
import { measureRegistrar } from "./measures/registrar.js";
import { measureRelationships } from "./measures/relationships.js";
import { measureStudies } from "./measures/studies.js";
import { floorOf } from "./floor.js";
import { setUp, type Measure, type Measured, type World } from "./world.js";

/**
 * What every write costs, from receipts, on a chain whose clock, accounts and ids are always the same: the numbers are
 * exact, and a change of one unit fails against snapshot.json. UPDATE_GAS=1 writes the snapshot anew.
 *
 * Everything is measured twice: on a small network, and on one with hundreds of participants, viewers and relationships
 * and thousands of records. There it may differ only by the bytes of longer ids.
 */

const SNAPSHOT = new URL("snapshot.json", import.meta.url);
/** A longer id turns zero bytes of a call into others: 12 gas for each, in a call with a handful of ids and counters. */
const LONGER_IDS = 12 * 10;
/** The same in a call with a list of guardians or of grants. */
const LONGER_LISTS = 12 * 30;
const HAS_LIST = /^ten |sixteen guardians$/;

/** Every write, each from the same state; notes in `floors` what those with a ceiling can't cost less than. */
async function measured(world: World, floors?: Measured): Promise<Measured> {
  const all: Measured = {};
  const untouched = await world.networkHelpers.takeSnapshot();
  const measure: Measure = async (name, send, ...before) => {
    for (const step of before) await step();
    const { gasUsed, hash } = (await (await send()).wait())!;
    all[name] = Number(gasUsed);
    if (floors !== undefined && name in CEILINGS) floors[name] = await floorOf(world, hash);
    await untouched.restore();
  };

  await measureRegistrar(world, measure);
  await measureRecoveries(world, measure);
  await measureDelegates(world, measure);
  await measureRelationships(world, measure);
  await measureConsents(world, measure);
  await measureBatches(world, measure);
  await measureEmergencies(world, measure);
  await measureRecords(world, measure);
  await measureBank(world, measure);
  await measureStudies(world, measure);
  return all;
}

describe("Gas", () => {
  let small: Measured;
  let large: Measured;
  const floors: Measured = {};

  before(async () => {
    small = await measured(await setUp("small"), floors);
    large = await measured(await setUp("large"));
    if (process.env.UPDATE_GAS === "1") writeFileSync(SNAPSHOT, `${JSON.stringify(small, undefined, 2)}\n`);
  });

  after(() => {
    const table = new Table({
      head: ["write", "gas", "ceiling", "floor", "large network", "signature"],
      colAligns: ["left", "right", "right", "right", "right", "right"],
      style: { head: [], border: [] },
    });
    const format = (gas: number | undefined) => gas?.toLocaleString("en-US") ?? "";
    for (const [name, gas] of Object.entries(small)) {
      const direct = SIGNED_TWINS[name];
      const signature = direct === undefined ? "" : `+${format(gas - small[direct]!)}`;
      table.push([name, format(gas), format(CEILINGS[name]), format(floors[name]), format(large[name]), signature]);
    }
    console.log(table.toString());
  });

  it("is exactly what snapshot.json says", () => {
    expect(existsSync(SNAPSHOT), "UPDATE_GAS=1 writes the snapshot").to.be.true;
    expect(small).to.deep.equal(JSON.parse(readFileSync(SNAPSHOT, "utf8")));
  });

  it("has a measured write for every ceiling", () => {
    expect(Object.keys(small)).to.include.members([...Object.keys(CEILINGS), ...Object.keys(SIGNED_TWINS)]);
    expect(
      Object.keys(small)
        .filter((name) => name.endsWith("signed"))
        .sort(),
    ).to.deep.equal(Object.keys(SIGNED_TWINS).sort());
  });

  for (const [name, ceiling] of Object.entries(CEILINGS)) {
    it(`of "${name}" is ${ceiling.toLocaleString("en-US")} at the most`, () => {
      expect(small[name]).to.be.at.most(ceiling);
      expect(large[name]).to.be.at.most(ceiling);
    });
  }

  it("has no ceiling that is more than 1.6 times what no code can do without", () => {
    for (const [name, ceiling] of Object.entries(CEILINGS)) expect(ceiling / floors[name]!, name).to.be.at.most(1.6);
  });

  for (const [name, direct] of Object.entries(SIGNED_TWINS)) {
    it(`of "${name}" is at the most ${SIGNATURE_CEILING.toLocaleString("en-US")} above "${direct}"`, () => {
      expect(small[name]! - small[direct]!).to.be.at.most(SIGNATURE_CEILING);
      expect(large[name]! - large[direct]!).to.be.at.most(SIGNATURE_CEILING);
    });
  }

  it(`of a release is ${RELEASE_CEILING.toLocaleString("en-US")} at the most for each further participant`, () => {
    for (const each of [small, large]) {
      expect(each["release study, two"]! - each["release study, one participant"]!).to.be.at.most(RELEASE_CEILING);
    }
  });

  it("is flat, whatever the number of patients, viewers, relationships and records", () => {
    for (const [name, gas] of Object.entries(small)) {
      expect(Math.abs(large[name]! - gas), name).to.be.at.most(HAS_LIST.test(name) ? LONGER_LISTS : LONGER_IDS);
    }
  });
});
