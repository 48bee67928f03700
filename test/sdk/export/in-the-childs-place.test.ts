import { expect } from "chai";
import { getBytes } from "ethers";

import { childRequest, createDevnet, fixture, handOn, relate, throughJson } from "../../../devnet/index.js";
import { identitySalt } from "../../../src/sdk/index.js";
import { thisYear } from "../helpers.js";
import { add, entriesOf, memorySink, typed } from "./world.js";

/** A child whose parent acts for it, and the clinic that keeps its records. */
async function childWorld() {
  const world = await createDevnet();
  const clinic = await world.institution("General Hospital");
  const parent = await world.patient("parent");
  const attestation = await clinic.client.attestChild({
    ...(await childRequest(parent)),
    ...{ identifier: "http://hospital.example/mrn|9", salt: identitySalt(), comesOfAgeIn: await thisYear(world) },
  });
  const child = (await parent.client.registerChild({ attestation: throughJson(attestation) })).participant;
  await relate(clinic, { ...parent, id: child });
  await add(clinic, child, "an ordinary visit", { category: "CARE", mediaType: "text/plain" });
  return Object.assign(world, { clinic, parent, child });
}

describe("an export in a child's place", () => {
  const load = fixture(childWorld);
  after(async () => (await load()).close());

  const exported = async ({ parent, child }: Awaited<ReturnType<typeof childWorld>>) => {
    const sink = memorySink();
    const manifest = await parent.client.exportEverything({ patient: child, sink });
    return { sink, manifest };
  };
  const SECRET = { category: "SENSITIVE", mediaType: "text/plain", confidential: true } as const;

  it("has what the representative may open, says who exported, and by whose word that one acts", async () => {
    const world = await load();
    await handOn(world.clinic, world.parent, world.child);
    const { sink, manifest } = await exported(world);
    expect(manifest).to.deep.include({
      patient: world.child,
      exporter: world.parent.id,
      leftOut: [
        {
          what: "summary",
          code: "NO_PATIENT",
          why: "no record that could be opened holds the Patient resource",
          fix: "Export again once a provider delivered the record with the Patient resource.",
        },
      ],
    });
    expect(manifest.counts).to.deep.include({ records: 1, documents: 1, delegates: 1 });
    const [consent] = typed<{ organization?: { display: string }[] }>(
      entriesOf(sink.textOf("records.fhir.json")),
      "Consent",
    ).filter(({ organization }) => organization !== undefined);
    expect(consent!.organization![0]!.display).to.equal("General Hospital (participant 1)");
  });

  it("shows of care that the child consented to alone what it shows of dummies", async () => {
    const seen: string[] = [];
    for (const isSecret of [true, false]) {
      const world = await load();
      const { clinic, parent, child } = world;
      if (isSecret) await add(clinic, child, "a secret", SECRET);
      else await clinic.client.anchorDummies({ patient: child });
      await handOn(clinic, parent, child);
      const { sink, manifest } = await exported(world);
      const told = [...sink.files.keys()].map((name) => sink.textOf(name)).join("\n");
      expect(told).not.to.match(/confidential|a secret/i);
      // What is random, and the time, have their length.
      const shape = (text: string) =>
        text
          .replace(
            /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(0x)?[0-9a-f]{16,64}/g,
            (it) => `${it.length}`,
          )
          .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\dZ)?|\b1[78]\d{8}\b/g, "time")
          .replace(/place \d+/g, "place");
      seen.push(shape(told), JSON.stringify(manifest.history).replace(/0x[0-9a-f]+/, ""));
    }
    expect(seen.slice(2)).to.deep.equal(seen.slice(0, 2));
  });

  it("has none of it, and doesn't tell, whatever the representative's vault came to hold", async () => {
    const world = await load();
    const { clinic, parent, child } = world;
    const { digest } = await add(clinic, child, "a secret", SECRET);
    await handOn(clinic, parent, child);
    const stored = clinic.vault.envelopes.get(getBytes(digest))!;
    parent.vault.compartments.put(clinic.vault.compartments.get(stored.compartmentId)!, {
      openedAtBlock: 0,
      source: clinic.id,
    });
    parent.vault.envelopes.put(stored);
    const listed = await parent.client.listRecords({ patient: child });
    expect(
      listed.some((record) => record.digest === digest && record.confidential),
      "it is there",
    ).to.equal(true);
    const { sink, manifest } = await exported(world);
    const told = [...sink.files.keys()].map((name) => sink.textOf(name)).join("\n");
    expect(told).not.to.include(digest.slice(2, 18));
    expect(told).not.to.match(/confidential/i);
    expect(manifest.counts.records).to.equal(1);
  });
});
