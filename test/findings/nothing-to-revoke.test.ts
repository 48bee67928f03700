import { writeFile } from "node:fs/promises";

import { expect } from "chai";

import { createStage, type Stage } from "../cli/run-step.js";

/** A provider sees the records that it keeps by its relationship: no grant is what that rests on, and none ends it. */
describe("the steps about a provider that has no grant", () => {
  let stage: Stage;
  const home = (name: string) => ["--home", stage.at(name)];
  const PATIENT = 3;
  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("account register-provider", ["--name", "City Clinic", "--fund", ...home("clinic")]);
    await stage.json("account register-patient", ["--fund", ...home("alice")]);
    for (const institution of ["1", "2"]) {
      await stage.json("authority license", ["--institution", institution, "--roles", "PROVIDER"]);
    }
    const terms = ["--patient", String(PATIENT), "--category", "SUMMARY"];
    const sealed = ["--terms", stage.at("terms.json")];
    await stage.json("relationship propose", [...terms, ...sealed, ...home("hospital")]);
    await stage.json("relationship approve", ["--provider", "1", "--yes", ...sealed, ...home("alice")]);
  });
  after(() => stage.close());

  /** Of its own: the same content again would be there already, whatever the category. */
  async function add(category: string) {
    const note = stage.at(`${category}.txt`);
    await writeFile(note, `a note for ${category}`);
    return stage.step("record add", [
      ...["--patient", String(PATIENT), "--file", note, "--media-type", "text/plain"],
      ...["--category", category, ...home("hospital")],
    ]);
  }

  it("say that there was nothing to revoke, what it still sees and why, and what ends that", async () => {
    const { code, stdout } = await stage.step("consent revoke", ["--viewer", "1", ...home("alice")]);
    expect(code).to.equal(0);
    expect(stdout).to.include("There was nothing to revoke: General Hospital (participant 1) has no such grant");
    expect(stdout).to.include("the records that it keeps");
    expect(stdout).to.include("chartchain relationship end 1");
    expect(stdout).not.to.match(/✔ .*Revoked|may no longer see|can't be taken back/);
    const data = await stage.json("consent revoke", ["--viewer", "1", ...home("alice")]);
    expect(data).to.deep.include({ viewer: 1, nothingToRevoke: true });
    expect(data["still"]).to.deep.include({ grants: [], relationship: "Active" });
    expect((await add("SUMMARY")).code, "it is what is said").to.equal(0);
  });

  it("say what was revoked where there was something, and what stays", async () => {
    const grant = ["--viewer", "2", "--purpose", "TREAT", "--days", "1"];
    await stage.json("consent grant", [...grant, "--categories", "SUMMARY,CARE", ...home("alice")]);
    const one = ["--viewer", "2", "--purpose", "TREAT", "--steward", "every", "--categories", "CARE"];
    const first = await stage.step("consent revoke", [...one, ...home("alice")]);
    expect(first.stdout).to.include("Revoked").and.include("City Clinic (participant 2)");
    expect(first.stdout).to.match(/SUMMARY of every provider's records for TREAT until .* by a grant/);
    const again = await stage.step("consent revoke", [...one, ...home("alice")]);
    expect(again.stdout).to.include("There was nothing to revoke");
    const last = await stage.json("consent revoke", ["--viewer", "2", ...home("alice")]);
    expect(last).to.deep.include({ nothingToRevoke: false });
    expect((last["still"] as { grants: unknown[] }).grants).to.deep.equal([]);
  });

  it("write no category that its terms don't name, and list no purpose beyond them", async () => {
    expect((await add("SUMMARY")).code).to.equal(0);
    const refused = await add("FINANCIAL");
    expect(refused.code).not.to.equal(0);
    expect(refused.stderr + refused.stdout)
      .to.include("OUTSIDE_TERMS")
      .and.include("didn't agree to FINANCIAL");
    const { records } = await stage.json<{ records: { category: string; readableFor: string[] }[] }>(
      "record list",
      home("hospital"),
    );
    expect(new Set(records.map(({ category }) => category))).to.deep.equal(new Set(["SUMMARY"]));
    for (const { readableFor } of records) expect(readableFor).to.deep.equal(["TREAT"]);
  });
});
