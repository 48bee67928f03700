import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { conclude } from "../../../bench/linkage/links.js";
import { bundlesOf, play, type Played } from "../../../bench/linkage/stage.js";

const IPS = join(dirname(fileURLToPath(import.meta.resolve("hl7.fhir.uv.ips/package.json"))), "example");

describe("an observer of the product itself", () => {
  let played: Played;
  before(async () => {
    const files = await bundlesOf(IPS, 40);
    played = await play(files.filter((file) => /Bundle-(?:IPS-examples|bundle-minimal)/.test(file)).slice(0, 2));
  });

  it("sees every file that holds a record come, and how large it is", () => {
    const { seen, truth } = played;
    const sizes = new Map(seen.files.map(({ cid, size }) => [cid, size]));
    expect(truth.records.length > 0).to.equal(true);
    for (const { cid } of truth.records) expect(sizes.get(cid)! > 0, cid).to.equal(true);
  });

  it("sees no other file: neither terms nor key documents come onto IPFS", () => {
    const { seen, truth } = played;
    const records = new Set(truth.records.map(({ cid }) => cid));
    expect(seen.files.filter(({ cid }) => !records.has(cid))).to.deep.equal([]);
  });

  it("finds out who has to do with whom, and who has no ether", () => {
    const links = conclude(played.seen, played.truth);
    expect(links).to.deep.include({ relations: 1, relationsTrue: 1, withoutEther: 1, funded: 1, patients: 1 });
  });

  it("sees nothing of the deployment and of the authority", () => {
    const names = new Set(played.seen.transactions.flatMap(({ events }) => events.map(({ name }) => name)));
    expect(names).to.include("InstitutionRegistered");
    expect(names).not.to.include("Licensed");
  });
});
