import { readdir } from "node:fs/promises";

import { expect } from "chai";

import { createStage, type Stage } from "./run-step.js";

/** Participants: the hospital 1, the clinic 2, Alice 3. Each has a folder of its own where key documents would come from. */
describe("steps that share nothing but files", () => {
  let stage: Stage;
  const file = (name: string) => stage.at(name);
  const at = (name: string) => ["--home", file(name), "--key-documents", file(`${name}-key-documents`)];
  const document = async (from: string, to: string) => {
    await stage.json("key document", ["--out", file(`${from}-key.json`), "--force", ...at(from)]);
    return stage.json("key document", ["--take", file(`${from}-key.json`), ...at(to)]);
  };

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    for (const [name, title] of [
      ["hospital", "General Hospital"],
      ["clinic", "City Clinic"],
    ] as const) {
      await stage.json("account register-provider", ["--name", title, "--fund", ...at(name)]);
    }
    for (const institution of ["1", "2"]) await stage.json("authority license", ["--institution", institution]);
    await stage.json("account register-patient", ["--fund", ...at("alice")]);
  });
  after(() => stage.close());

  it("say whose key document is missing, and which step brings it", async () => {
    const offer = ["--patient", "3", "--offer", file("offer.json"), ...at("hospital")];
    const { code, stderr } = await stage.step("relationship propose", offer);
    expect(code).to.equal(1);
    expect(stderr)
      .to.include("KEY_DOCUMENT_MISSING")
      .and.match(/participant 3[\s\S]*key-document\s+--take/);

    expect(await document("alice", "hospital")).to.deep.equal({
      taken: [{ participant: 3, keyVersion: 1, current: true }],
    });
    await stage.json("relationship propose", offer);
    await stage.json("relationship approve", ["--offer", file("offer.json"), "--yes", ...at("alice")]);
  });

  it("give a viewer's document to the steward with the grant that it relays", async () => {
    await document("clinic", "alice");
    const grant = ["--viewer", "2", "--categories", "CARE", "--purpose", "TREAT", "--days", "30"];
    await stage.json("consent grant", [...grant, "--sign", file("grant.json"), ...at("alice")]);
    await stage.json("relay", ["--file", file("grant.json"), ...at("hospital")]);
    const note = ["--patient", "3", "--file", "README.md", "--category", "CARE", "--media-type", "text/markdown"];
    await stage.json("record add", [...note, ...at("hospital")]);
    const deliver = ["--deliver-only", "--patient", "3", "--viewer", "2", "--purpose", "TREAT"];
    await stage.json("consent grant", [...deliver, "--deliver", file("for-clinic.json"), ...at("hospital")]);
    await stage.json("record take", [file("for-clinic.json"), ...at("clinic")]);
  });

  it("hand somebody else's document on, and refuse two things at once", async () => {
    const out = ["--participant", "2", "--out", file("clinic-again.json"), ...at("hospital")];
    expect(await stage.json("key document", out)).to.include({ participant: 2 });
    for (const wrong of [[], ["--out", file("a.json"), "--take", file("b.json")], ["--participant", "2"]]) {
      expect((await stage.step("key document", [...wrong, ...at("alice")])).code, wrong.join(" ")).to.equal(2);
    }
    expect((await readdir(file("hospital-key-documents"))).length).to.equal(1);
  });
});
