import { randomInt } from "node:crypto";

import { expect } from "chai";

import { type Actor, createDevnet, type Devnet } from "../../../../devnet/index.js";
import { startImporter } from "../../../../bench/imports/import-process.js";
import { chartsOf, type ImportStage, stageImport, steward } from "../../../../bench/imports/stage.js";
import { importFolder } from "../../../../src/sdk/node/index.js";

/** `npm run bench:import` kills 20 times within 10,000 records. */
const KILLS = 5;

describe("an import of many patients that is killed", () => {
  let world: Devnet;
  let killed: Actor;
  let whole: Actor;
  let stage: ImportStage;
  before(async () => {
    world = await createDevnet();
    stage = await stageImport(world, 4, 49);
    [killed, whole] = [
      await steward(world, "City Hospital", stage.patients),
      await steward(world, "General Hospital", stage.patients),
    ];
  });
  after(() => world.close());

  it(`ends equal to one that wasn't, ${KILLS} times at any moment within ${4 * 50} records`, async () => {
    const began = performance.now();
    const { added } = await importFolder(whole.client, { path: stage.path, validate: false });
    const took = performance.now() - began;
    expect(added).to.equal(stage.records);
    killed.vault.close();
    let next = startImporter();
    for (let kills = 0; kills < KILLS; kills++) {
      const importer = next;
      next = startImporter();
      await importer.kill(world, killed, stage.path, randomInt(Math.ceil(took)));
    }
    await next.finish(world, killed, stage.path);
    await world.reopen(killed);
    const expected = await chartsOf(whole, stage.patients);
    expect(expected).to.have.length(stage.records);
    expect(await chartsOf(killed, stage.patients)).to.deep.equal(expected);
    expect(await importFolder(killed.client, { path: stage.path, validate: false })).to.deep.include({ added: 0 });
  });
});
