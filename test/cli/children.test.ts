import { existsSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";

import { expect } from "chai";

import { createStage, type Stage } from "./run-step.js";

/** Participants: the hospital 1, Bob without ether 2, his child 3. */
describe("steps for a child", () => {
  let stage: Stage;
  const home = (name: string) => ["--home", stage.at(name)];
  const file = (name: string) => stage.at(name);
  const year = async () => String(new Date((await stage.node.time()) * 1000).getUTCFullYear());
  /** The code on the person's own device. */
  const codeOn = async (name: string, ...of: string[]) =>
    (await stage.json<{ code: string }>("identity code", [...of, ...home(name)])).code;
  const attesting = async (request: string, code?: string) => [
    ...["--request", file(request), "--code", code ?? (await codeOn("bob", "--new-child"))],
    ...["--identifier", "http://hospital.example/mrn|9", "--comes-of-age", await year()],
    ...["--out", file("attestation.json"), "--identity", file("identity.json"), "--yes", "--force"],
    ...home("hospital"),
  ];

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("authority license", ["--institution", "1"]);
    await stage.json("account register-patient", ["--sign", file("bob.json"), ...home("bob")]);
    await stage.json("relay", ["--file", file("bob.json"), ...home("hospital")]);
  });
  after(() => stage.close());

  it("its representative registers it with a clinic's word, and somebody else pays", async () => {
    expect(await stage.json("child register", ["--request", file("child.json"), ...home("bob")])).to.include({
      representative: 2,
    });
    const wrong = await attesting("child.json", "0312 5549 8821 0047 6630");
    const refused = await stage.step("child attest", [...wrong, "--json"]);
    expect((JSON.parse(refused.stdout) as { error: { code: string } }).error.code).to.equal("ATTESTATION_CODE_DIFFERS");
    expect(existsSync(file("attestation.json")) || existsSync(file("identity.json")), "nothing is signed").to.equal(
      false,
    );
    const attested = await stage.json("child attest", await attesting("child.json"));
    expect(attested).to.deep.include({ representative: 2, comesOfAgeIn: Number(await year()) });
    for (const name of ["child.json", "attestation.json", "identity.json"]) {
      expect(statSync(file(name)).mode & 0o777, name).to.equal(0o600);
    }
    const registering = ["--attestation", file("attestation.json"), "--sign", file("registers.json"), ...home("bob")];
    const { code, stdout, stderr } = await stage.step("child register", [...registering, "--yes"]);
    expect(code, stdout + stderr).to.equal(0);
    expect(stderr).to.match(/attested by +│ General Hospital \(participant 1\)/);
    const relayed = await stage.json("relay", ["--file", file("registers.json"), ...home("hospital")]);
    expect(relayed).to.include({ action: "registerChild", participant: 3 });
  });

  it("its representative answers for it, and reads what is written about it", async () => {
    const terms = ["--terms", file("terms.json")];
    await stage.json("relationship propose", ["--patient", "3", ...terms, ...home("hospital")]);
    const answer = [
      "--provider",
      "1",
      "--patient",
      "3",
      ...terms,
      "--yes",
      "--sign",
      file("approves.json"),
      ...home("bob"),
    ];
    await stage.json("relationship approve", answer);
    await stage.json("relay", ["--file", file("approves.json"), ...home("hospital")]);
    await writeFile(file("note.txt"), "grew two centimetres");
    const note = ["--file", file("note.txt"), "--category", "CARE", "--media-type", "text/plain"];
    const handing = await stage.step("record add", [
      ...["--patient", "3", ...note, "--deliver", file("to-nobody.json")],
      ...home("hospital"),
    ]);
    expect(handing.code).to.equal(2);
    expect(handing.stderr.replace(/\s+/g, " ")).to.include("--viewer REPRESENTATIVE");
    expect(existsSync(file("to-nobody.json"))).to.equal(false);
    const adding = await stage.step("record add", ["--patient", "3", ...note, ...home("hospital")]);
    expect(adding.stdout.replace(/\s+/g, " ")).to.match(
      /Next: give whoever represents the child the keys: .* --viewer REPRESENTATIVE/,
    );
    await writeFile(file("note.txt"), "grew two centimetres more");
    const added = await stage.json<{ records: { digest: string }[] }>("record add", [
      ...["--patient", "3", ...note],
      ...home("hospital"),
    ]);
    const deliver = ["--deliver-only", "--patient", "3", "--viewer", "2", "--purpose", "PATRQT"];
    await stage.json("consent grant", [...deliver, "--deliver", file("for-bob.json"), ...home("hospital")]);
    await stage.json("record take", [file("for-bob.json"), ...home("bob")]);
    const opened = ["--digest", added.records[0]!.digest, "--purpose", "PATRQT", "--out", file("read.txt")];
    await stage.json("record open", [...opened, ...home("bob")]);
    expect(await readFile(file("read.txt"), "utf8")).to.equal("grew two centimetres more");
  });

  it("its representative sees its settings, and changes them by a signature that somebody relays", async () => {
    const { settings } = await stage.json<{ settings: object }>("consent settings", ["--patient", "3", ...home("bob")]);
    expect(settings).to.include({ longestGrant: 0 });
    const signing = ["--patient", "3", "--longest-grant", "30", "--sign", file("settings.json"), "--yes"];
    await stage.json("consent settings", [...signing, ...home("bob")]);
    await stage.json("relay", ["--file", file("settings.json"), ...home("hospital")]);
    const changed = await stage.json<{ settings: object }>("consent settings", ["--patient", "3", ...home("bob")]);
    expect(changed.settings).to.include({ longestGrant: 30 });
  });

  it("gets a second representative, loses the first by an order, and has a key of the other one's", async () => {
    await stage.json("account register-patient", ["--fund", ...home("carol")]);
    const pair = ["--patient", "3", "--representative", "4", "--yes"];
    const adding = await stage.json("representative appoint", [...pair, "--sign", file("adds.json"), ...home("bob")]);
    expect(adding).to.include({ signed: "addRepresentative" });
    await stage.json("relay", ["--file", file("adds.json"), ...home("hospital")]);
    const first = ["--patient", "3", "--representative", "2", "--yes"];
    const ending = [...first, "--sign", file("order.json"), ...home("hospital")];
    expect(await stage.json("representative end", ending)).to.include({ signed: "endRepresentative" });
    expect(await stage.json("authority carry-out", ["--order", file("order.json")])).to.include({
      order: "endRepresentative",
      patient: 3,
      representative: 2,
    });
    const settings = ["--patient", "3", "--longest-grant", "9", "--yes"];
    await stage.json("consent settings", [...settings, "--sign", file("bobs.json"), ...home("bob")]);
    const late = await stage.step("relay", ["--file", file("bobs.json"), "--json", ...home("hospital")]);
    expect((JSON.parse(late.stdout) as { error: { code: string } }).error.code).to.equal("NOT_THE_REPRESENTATIVE");
    await stage.json("consent settings", [...settings, ...home("carol")]);
    expect(await stage.json("key change", ["--child", "3", ...home("carol")])).to.include({ participant: 3 });

    const back = [...first, "--sign", file("back.json"), ...home("hospital")];
    expect(await stage.json("representative appoint", back)).to.include({ signed: "appointRepresentative" });
    const carried = await stage.json<{ transactions: unknown[] }>("authority carry-out", [
      "--order",
      file("back.json"),
    ]);
    expect(carried.transactions, "announced, and executed").to.have.length(2);
    const again = ["--patient", "3", "--longest-grant", "30", "--yes", "--sign", file("again.json"), ...home("bob")];
    await stage.json("consent settings", again);
    await stage.json("relay", ["--file", file("again.json"), ...home("hospital")]);
  });

  it("is for a court to announce where it is an adult, who dismisses that", async () => {
    await stage.json("account register-provider", ["--name", "District Court", "--fund", ...home("court")]);
    await stage.json("authority license", ["--institution", "5", "--roles", "COURT"]);
    const announce = ["--patient", "4", "--representative", "2", "--view", "CARE", "--days", "365", "--yes"];
    const announced = await stage.json<{ from: number }>("representative appoint", [...announce, ...home("court")]);
    const { delegates } = await stage.json<{ delegates: object[] }>("delegate list", home("carol"));
    expect(delegates).to.have.length(1);
    expect(delegates[0]).to.deep.include({ delegate: 2, source: 5, from: announced.from, view: ["CARE"] });
    const { stdout } = await stage.step("delegate list", home("carol"));
    expect(stdout)
      .to.match(/counts from/)
      .and.to.match(/until then you may dismiss it/);
    await stage.json("delegate dismiss", ["2", ...home("carol")]);
    await stage.json("representative appoint", [...announce, ...home("court")]);
    const end = ["--patient", "4", "--representative", "2", ...home("court")];
    expect(await stage.json("representative end", end)).to.include({ ended: true });
    for (const wrong of [
      ["--patient", "4", "--representative", "2", "--yes"],
      ["--patient", "4", "--representative", "2", "--view", "CARE", "--yes"],
      ["--patient", "4", "--representative", "2", "--sign", file("w.json"), "--yes"],
      ["--patient", "3", "--representative", "2", "--view", "CARE", "--days", "1", "--yes"],
    ]) {
      const { code, stdout: said } = await stage.step("representative appoint", [...wrong, "--json", ...home("court")]);
      expect(code, wrong.join(" ")).to.equal(2);
      expect((JSON.parse(said) as { error: { code: string } }).error.code).to.equal("BAD_USAGE");
    }
    const child = ["--child", "3", "--cancel", "--json", ...home("carol")];
    expect((await stage.step("key change", child)).code).to.equal(2);
  });

  it("has dummies anchored for it, now and at random moments", async () => {
    const now = await stage.process("record anchor-dummies", ["--patient", "3", ...home("hospital")]);
    expect(now.code, now.stderr).to.equal(0);
    expect(now.stdout).to.include("✔ Anchored dummies for 1 patient");
    expect(await stage.json("record anchor-dummies", ["--within", "60", ...home("hospital")])).to.deep.equal({
      ...{ patients: [3], transactions: [] },
    });
    await stage.json("network advance", ["--days", "1"]);
    const { code, stdout } = await stage.step("record anchor", home("hospital"));
    expect(code).to.equal(0);
    expect(stdout)
      .to.include("✔ Anchored 0 records of 0 patients")
      .and.to.match(/dummies alone +│ 1 patient/);
    const { stdout: ended } = await stage.step("record anchor-dummies", ["--within", "0", ...home("hospital")]);
    expect(ended).to.include("✔ No dummies for 1 patient from now on");
    const wrong = await stage.step("record anchor-dummies", ["--within", "10081", ...home("hospital")]);
    expect(wrong.code).to.equal(2);
  });

  it("comes of age with an account of its own, and the representative's word is over", async () => {
    const request = ["--child", "3", "--request", file("grown.json"), ...home("dora")];
    const asked = await stage.json<{ account: string }>("child come-of-age", request);
    const signing = ["--file", file("grown.json"), "--sign", file("take-over.json"), "--yes", ...home("hospital")];
    const others = await codeOn("carol", "--grown-child", "3");
    const refused = await stage.step("child come-of-age", [...signing, "--code", others, "--json"]);
    expect((JSON.parse(refused.stdout) as { error: { code: string } }).error.code).to.equal("ATTESTATION_CODE_DIFFERS");
    expect(existsSync(file("take-over.json")), "nothing is signed").to.equal(false);
    const attest = [...signing, "--code", await codeOn("dora", "--grown-child", "3")];
    const { code, stdout, stderr } = await stage.step("child come-of-age", attest);
    expect(code, stdout + stderr).to.equal(0);
    expect(stderr).to.include(asked.account);
    await stage.json("relay", ["--file", file("take-over.json"), ...home("hospital")]);
    expect(await stage.json("consent settings", home("dora"))).to.include({ patient: 3 });
    const answer = ["--provider", "1", "--patient", "3", "--yes", "--json", ...home("bob")];
    expect((await stage.step("relationship approve", answer)).code).to.equal(1);
  });

  it("are refused with the wrong files, and with flags that don't go together", async () => {
    const codeOf = async (step: string, args: readonly string[]) => {
      const { code, stdout } = await stage.step(step, [...args, "--json"]);
      expect(code).not.to.equal(0);
      return (JSON.parse(stdout) as { error: { code: string } }).error.code;
    };
    const child = JSON.parse(await readFile(file("child.json"), "utf8")) as Record<string, unknown>;
    const grown = JSON.parse(await readFile(file("grown.json"), "utf8")) as Record<string, unknown>;
    const attestGrown = [
      "--file",
      file("odd.json"),
      "--sign",
      file("x.json"),
      "--code",
      "1",
      "--yes",
      ...home("hospital"),
    ];
    for (const change of [
      { kind: "x" },
      { version: 0 },
      { representative: 0 },
      { representative: "2" },
      { keyDocument: "0x1" },
    ]) {
      await writeFile(file("odd.json"), JSON.stringify({ ...child, ...change }));
      expect(await codeOf("child attest", await attesting("odd.json")), JSON.stringify(change)).to.equal(
        "HANDOVER_MALFORMED",
      );
    }
    for (const [change, code] of [
      [{ kind: "x" }, "HANDOVER_WRONG_KIND"],
      [{ version: 2 }, "HANDOVER_NEWER"],
      [{ message: null }, "HANDOVER_MALFORMED"],
      [{ account: `0x${"11".repeat(20)}` }, "HANDOVER_ALTERED"],
    ] as const) {
      await writeFile(file("odd.json"), JSON.stringify({ ...grown, ...change }));
      expect(await codeOf("child come-of-age", attestGrown), JSON.stringify(change)).to.equal(code);
    }
    const again = ["--attestation", file("attestation.json"), "--yes", ...home("hospital")];
    expect(await codeOf("child register", again)).to.equal("ATTESTATION_FOR_SOMEBODY_ELSE");
    expect(await codeOf("child register", home("bob"))).to.equal("BAD_USAGE");
    const mixed = ["--request", file("y.json"), "--sign", file("z.json"), ...home("bob")];
    expect(await codeOf("child register", mixed)).to.equal("BAD_USAGE");
    expect(await codeOf("child come-of-age", ["--child", "3", ...home("dora")])).to.equal("BAD_USAGE");
    const both = ["--file", file("grown.json"), "--sign", file("x.json"), ...home("hospital")];
    expect(await codeOf("child come-of-age", both), "no code").to.equal("BAD_USAGE");
    expect(await codeOf("child come-of-age", [...both.slice(0, 2), "--code", "1", ...home("hospital")])).to.equal(
      "BAD_USAGE",
    );
    const [asking, whose, , , ...rest] = await attesting("child.json", "1");
    expect(await codeOf("child attest", [asking!, whose!, ...rest]), "no code").to.equal("BAD_USAGE");
    const ofBoth = ["--new-child", "--grown-child", "3", ...home("dora")];
    expect(await codeOf("identity code", ofBoth)).to.equal("BAD_USAGE");
  });
});
