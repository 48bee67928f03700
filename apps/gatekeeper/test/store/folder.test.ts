import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openStore } from "../../src/store/index.js";
import { importOf } from "./inputs.js";
import { PAGE_KEY } from "./places.js";

describe("A store in a folder", () => {
  const root = mkdtempSync(join(tmpdir(), "gatekeeper-store-"));
  const place = { folder: join(root, "deep", "fhir") };
  after(() => rmSync(root, { recursive: true, force: true }));

  it("is open once at a time, and is as it was when it is opened again", async () => {
    const store = await openStore(place, { pageKey: PAGE_KEY });
    await store.put(1, importOf({ resourceType: "Patient", id: "p1" }));
    const kept = await store.read("Patient", "p1", "everything");
    const second = await openStore(place, { pageKey: PAGE_KEY }).catch((thrown: unknown) => thrown);
    expect(second).to.include({ name: "Refused", code: "conflict" });
    await store.close();

    const again = await openStore(place, { pageKey: PAGE_KEY });
    expect(await again.read("Patient", "p1", "everything")).to.deep.equal(kept);
    await again.close();
  });

  it("takes no short key for its page tokens", async () => {
    const opened = await openStore({ folder: "memory://" }, { pageKey: new Uint8Array(16) }).catch(
      (thrown: unknown) => thrown,
    );
    expect(opened).to.be.instanceOf(RangeError);
  });
});
