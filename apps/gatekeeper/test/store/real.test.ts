import { existsSync } from "node:fs";
import { expect } from "chai";
import { CATEGORIES, type ParsedFhir } from "chartchain/fhir";
import { parseFhirFolder } from "chartchain/fhir/node";
import type { Store, Visible } from "../../src/store/index.js";
import { onEachDatabase } from "./places.js";

/** Real and synthetic inputs that stand beside the project, where they do. */
const FOLDERS = ["synthea", "au-core", "ips"].map((name) => `../shared/data/fhir/${name}`);

onEachDatabase("Real inputs", (open) => {
  for (const folder of FOLDERS) {
    it(`of ${folder.split("/").at(-1)} go in, are found, and come out as their patients allow`, async function () {
      if (!existsSync(folder)) {
        console.log(`    without ${folder}: it isn't there`);
        this.skip();
      }
      const { patients } = await parseFhirFolder(folder, { validate: false });
      expect(patients).to.not.have.length(0);
      const { store } = await open();
      for (const [at, { inputs }] of patients.entries()) for (const input of inputs) await store.put(at + 1, input);
      // Once more, and nothing changes.
      for (const [at, { inputs }] of patients.entries())
        for (const input of inputs) expect(await store.put(at + 1, input)).to.include({ changed: 0, deleted: 0 });

      let withheld = 0;
      for (const [at, { inputs }] of patients.entries()) {
        const records = await store.records(at + 1);
        expect(records).to.not.have.length(0);
        const ordinary: Visible = CATEGORIES.filter((one) => one !== "SENSITIVE").map((category) => ({
          ...{ patient: at + 1, category, confidential: false },
        }));
        for (const id of patientIdsOf(inputs)) {
          const all = await everythingOf(store, id, "everything");
          const some = await everythingOf(store, id, ordinary);
          expect(all).to.include.members(some);
          withheld += all.length - some.length;
          const search = { type: "Patient", parameters: [["_id", id]] as const };
          expect((await store.search(search, ordinary)).entries).to.have.length(some.length === 0 ? 0 : 1);
        }
      }
      if (folder.endsWith("synthea")) expect(withheld).to.be.greaterThan(0);
    });
  }
});

function patientIdsOf(inputs: readonly ParsedFhir[]): string[] {
  return inputs.flatMap(({ entries, bundle }) =>
    bundle?.type === "document"
      ? []
      : entries.flatMap(({ resource }) => (resource.resourceType === "Patient" ? (resource.id ?? []) : [])),
  );
}

async function everythingOf(store: Store, id: string, visible: Visible): Promise<string[]> {
  const names: string[] = [];
  let page: string | undefined;
  do {
    const answer = await store.everything(id, {}, visible, page);
    names.push(...(answer?.entries ?? []).map((entry) => `${entry.type}/${entry.id}`));
    page = answer?.next;
  } while (page !== undefined);
  return names;
}
