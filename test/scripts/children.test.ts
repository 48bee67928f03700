import { statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";

import { expect } from "chai";

import { createStage, type Stage } from "./run-step.js";

/** Participants: the hospital 1, Bob without ether 2, his child 3. */
describe("steps for a child", () => {
  let stage: Stage;
  const home = (name: string) => ["--home", stage.at(name)];
  const file = (name: string) => stage.at(name);
  const year = async () => String(new Date((await stage.node.time()) * 1000).getUTCFullYear());
  const attesting = async (request: string) => [
    ...["--request", file(request), "--identifier", "http://hospital.example/mrn|9", "--comes-of-age", await year()],
    ...["--out", file("attestation.json"), "--identity", file("identity.json"), "--yes", "--force"],
    ...home("hospital"),
  ];

  before(async () => {
    stage = await createStage();
    await stage.json("deploy", ["--delay", "1"]);
    await stage.json("register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("license-provider", ["--institution", "1"]);
    await stage.json("register-patient", ["--sign", file("bob.json"), ...home("bob")]);
    await stage.json("relay", ["--file", file("bob.json"), ...home("hospital")]);
  });
  after(() => stage.close());

  it("its guardian registers it with a clinic's word, and somebody else pays", async () => {
    expect(await stage.json("register-child", ["--request", file("child.json"), ...home("bob")])).to.include({
      guardian: 2,
    });
    const attested = await stage.json("attest-child", await attesting("child.json"));
    expect(attested).to.deep.include({ guardian: 2, comesOfAgeIn: Number(await year()) });
    for (const name of ["child.json", "attestation.json", "identity.json"]) {
      expect(statSync(file(name)).mode & 0o777, name).to.equal(0o600);
    }
    const registering = ["--attestation", file("attestation.json"), "--sign", file("registers.json"), ...home("bob")];
    const { code, stdout, stderr } = await stage.step("register-child", [...registering, "--yes"]);
    expect(code, stdout + stderr).to.equal(0);
    expect(stderr).to.match(/attested by +│ General Hospital \(participant 1\)/);
    const relayed = await stage.json("relay", ["--file", file("registers.json"), ...home("hospital")]);
    expect(relayed).to.include({ action: "registerChild", participant: 3 });
  });

  it("its guardian answers for it, and reads what is written about it", async () => {
    const terms = ["--terms", file("terms.json")];
    await stage.json("propose-relationship", ["--patient", "3", ...terms, ...home("hospital")]);
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
    await stage.json("approve-relationship", answer);
    await stage.json("relay", ["--file", file("approves.json"), ...home("hospital")]);
    await writeFile(file("note.txt"), "grew two centimetres");
    const note = ["--file", file("note.txt"), "--category", "CARE", "--media-type", "text/plain"];
    const added = await stage.json<{ records: { digest: string }[] }>("add-record", [
      ...["--patient", "3", ...note],
      ...home("hospital"),
    ]);
    const deliver = ["--deliver-only", "--patient", "3", "--viewer", "2", "--purpose", "PATRQT"];
    await stage.json("grant-access", [...deliver, "--deliver", file("for-bob.json"), ...home("hospital")]);
    await stage.json("open-record", ["--import", file("for-bob.json"), ...home("bob")]);
    const opened = ["--digest", added.records[0]!.digest, "--purpose", "PATRQT", "--out", file("read.txt")];
    await stage.json("open-record", [...opened, ...home("bob")]);
    expect(await readFile(file("read.txt"), "utf8")).to.equal("grew two centimetres");
  });

  it("its guardian sees its settings, and changes them by a signature that somebody relays", async () => {
    const { settings } = await stage.json<{ settings: object }>("change-settings", ["--patient", "3", ...home("bob")]);
    expect(settings).to.include({ longestGrant: 0 });
    const signing = ["--patient", "3", "--longest-grant", "30", "--sign", file("settings.json"), "--yes"];
    await stage.json("change-settings", [...signing, ...home("bob")]);
    await stage.json("relay", ["--file", file("settings.json"), ...home("hospital")]);
    const changed = await stage.json<{ settings: object }>("change-settings", ["--patient", "3", ...home("bob")]);
    expect(changed.settings).to.include({ longestGrant: 30 });
  });

  it("comes of age with an account of its own, and the guardian's word is over", async () => {
    const request = ["--child", "3", "--request", file("grown.json"), ...home("dora")];
    const asked = await stage.json<{ account: string }>("come-of-age", request);
    const attest = ["--file", file("grown.json"), "--sign", file("take-over.json"), "--yes", ...home("hospital")];
    const { code, stdout, stderr } = await stage.step("come-of-age", attest);
    expect(code, stdout + stderr).to.equal(0);
    expect(stderr).to.include(asked.account);
    await stage.json("relay", ["--file", file("take-over.json"), ...home("hospital")]);
    expect(await stage.json("change-settings", home("dora"))).to.include({ patient: 3 });
    const answer = ["--provider", "1", "--patient", "3", "--yes", "--json", ...home("bob")];
    expect((await stage.step("approve-relationship", answer)).code).to.equal(1);
  });

  it("are refused with the wrong files, and with flags that don't go together", async () => {
    const codeOf = async (step: string, args: readonly string[]) => {
      const { code, stdout } = await stage.step(step, [...args, "--json"]);
      expect(code).not.to.equal(0);
      return (JSON.parse(stdout) as { error: { code: string } }).error.code;
    };
    const child = JSON.parse(await readFile(file("child.json"), "utf8")) as Record<string, unknown>;
    const grown = JSON.parse(await readFile(file("grown.json"), "utf8")) as Record<string, unknown>;
    const attestGrown = ["--file", file("odd.json"), "--sign", file("x.json"), "--yes", ...home("hospital")];
    for (const change of [{ kind: "x" }, { version: 0 }, { guardian: 0 }, { guardian: "2" }, { keyDocument: "0x1" }]) {
      await writeFile(file("odd.json"), JSON.stringify({ ...child, ...change }));
      expect(await codeOf("attest-child", await attesting("odd.json")), JSON.stringify(change)).to.equal(
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
      expect(await codeOf("come-of-age", attestGrown), JSON.stringify(change)).to.equal(code);
    }
    const again = ["--attestation", file("attestation.json"), "--yes", ...home("hospital")];
    expect(await codeOf("register-child", again)).to.equal("ATTESTATION_FOR_SOMEBODY_ELSE");
    expect(await codeOf("register-child", home("bob"))).to.equal("BAD_USAGE");
    const mixed = ["--request", file("y.json"), "--sign", file("z.json"), ...home("bob")];
    expect(await codeOf("register-child", mixed)).to.equal("BAD_USAGE");
    expect(await codeOf("come-of-age", ["--child", "3", ...home("dora")])).to.equal("BAD_USAGE");
    expect(await codeOf("come-of-age", ["--file", file("grown.json"), ...home("hospital")])).to.equal("BAD_USAGE");
  });
});
