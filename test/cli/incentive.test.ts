import { expect } from "chai";

import { createStage, type Outcome, type Stage } from "./run-step.js";

/** What the page step by step doesn't do: statements, disputes, withdrawals, a bond that is taken back, a cancelled study. */
describe("steps of the incentive, by who has no ether and by who changes his mind", () => {
  let stage: Stage;
  let university: string;
  const home = (name: string) => ["--home", stage.at(name)];
  const file = (name: string) => stage.at(name);
  const days = (number: number) => stage.node.increaseTime(number * 86_400);

  /** Signs a step as Bob and lets the hospital relay it. */
  let signed = 0;
  async function byFile(step: string, args: readonly string[]): Promise<{ action: string }> {
    const path = file(`signed-${++signed}.json`);
    await stage.json(step, [...args, "--sign", path, ...home("bob")]);
    return stage.json("relay", ["--file", path, ...home("hospital")]);
  }
  const refusal = async (step: string, args: readonly string[]): Promise<string> => {
    const { code, stdout }: Outcome = await stage.step(step, [...args, "--json"]);
    expect(code, stdout).to.be.greaterThan(0);
    return (JSON.parse(stdout) as { error: { code: string } }).error.code;
  };
  const openStudy = async (name: string, minimum = "1") => {
    const cohort = ["--minimum", minimum, "--maximum", "2", "--enrol-days", "1", "--close-days", "3"];
    const about = ["--title", "Care", "--contact", "University", "--use", "HMB", "--categories", "CARE"];
    const offer = [...about, ...cohort, "--price", "5", "--out", file(name), "--yes"];
    return stage.json<{ study: number; file: string }>("study open", [...offer, ...home("university")]);
  };

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    const registered = await stage.json<{ account: string }>("account register-provider", [
      ...["--name", "University", "--fund", ...home("university")],
    ]);
    university = registered.account;
    await byFile("account register-patient", []);
    await stage.json("authority license", ["--institution", "1", "--days", "1000"]);
    await stage.json("authority license", ["--institution", "2", "--roles", "RESEARCHER", "--days", "1000"]);
    await stage.json("relationship propose", ["--patient", "3", "--offer", file("offer.json"), ...home("hospital")]);
    await byFile("relationship approve", ["--offer", file("offer.json"), "--yes"]);
    const { code } = await stage.json("identity code", home("bob"));
    const identity = ["--patient", "3", "--identifier", "http://hospital.example/mrn|3", "--out", file("bob.json")];
    await stage.json("identity attest", [...identity, "--code", code as string, ...home("hospital")]);
    await byFile("bank open", ["--identity", file("bob.json")]);
    await stage.json("bank budget", ["--steward", "1", "--budget", "5"]);
  });

  after(() => stage.close());

  it("a bond is shown, posted, asked for, kept, and not taken out before its time", async () => {
    const bond = (...args: string[]) => stage.json("bank bond", [...args, ...home("hospital")]);
    expect(await bond()).to.include({ budget: 5, bond: "0", allowed: 0 });
    expect(await bond("--ether", "0.0005")).to.include({ bond: "500000000000000", allowed: 5 });
    expect(await bond("--release", "--yes")).to.include({ allowed: 0 });
    expect(await refusal("bank bond", ["--withdraw", ...home("hospital")])).to.equal("BOND_NOT_FREE");
    expect(await bond("--keep")).to.include({ allowed: 5, bondFreeAt: 0 });
    expect(await refusal("bank bond", ["--keep", "--withdraw", ...home("hospital")])).to.equal("BAD_USAGE");
    expect(await refusal("bank bond", ["--to", university, ...home("hospital")])).to.equal("BAD_USAGE");
    expect(await refusal("bank bond", ["--steward", "1", ...home("hospital")])).to.equal("BAD_USAGE");
  });

  it("a deposit is stated, claimed and withdrawn by files", async () => {
    const record = ["--patient", "3", "--file", "README.md", "--category", "CARE", "--media-type", "text/markdown"];
    const added = await stage.json<{ records: { digest: string }[] }>("record add", [...record, ...home("hospital")]);
    const statement = ["--patient", "3", "--digest", added.records[0]!.digest, "--sign", file("statement.json")];
    expect(await refusal("bank state-deposit", [...statement, ...home("hospital")])).to.equal("NO_SEASON_TO_CONFIRM");
    await days(30);
    await stage.json("bank state-deposit", [...statement, ...home("hospital")]);
    await stage.json("relay", ["--file", file("statement.json"), ...home("university")]);
    const proofs = ["--proofs", file("proofs"), ...home("hospital")];
    expect(await refusal("bank confirm-season", proofs), "all of it was stated").to.equal("EMPTY_BATCH");
    expect(await refusal("bank confirm-season", [...proofs, "--again"])).to.equal("BAD_USAGE");
    expect(await refusal("bank confirm-season", [...proofs, "--again", "--season", "0"])).to.equal("BATCH_UNKNOWN");
    await days(60);
    expect(await byFile("bank claim", ["--steward", "1", "--season", "0"])).to.include({ action: "claimInterest" });
    const sign = ["--sign", file("never.json"), ...home("bob")];
    expect(await refusal("bank claim", sign)).to.equal("BAD_USAGE");
    await days(180);
    const { account } = await stage.json<{ account: { available: string } }>("bank claim", [
      ...["--list", ...home("bob")],
    ]);
    expect(account.available).to.equal(`100${"0".repeat(18)}`);
    await byFile("bank withdraw", ["--to", university]);
    expect(await refusal("bank withdraw", home("bob"))).to.equal("NOT_VESTED");
  });

  it("a proof is written again", async () => {
    const record = [
      "--patient",
      "3",
      "--file",
      "CONTRIBUTING.md",
      "--category",
      "CARE",
      "--media-type",
      "text/markdown",
    ];
    await stage.json("record add", [...record, ...home("hospital")]);
    await days(30);
    const first = await stage.json<{ season: number; files: string[] }>("bank confirm-season", [
      ...["--proofs", file("proofs"), ...home("hospital")],
    ]);
    const again = ["--again", "--season", String(first.season), "--proofs", file("proofs")];
    expect(await refusal("bank confirm-season", [...again, ...home("hospital")])).to.equal("FILE_EXISTS");
    const second = await stage.json<{ files: string[] }>("bank confirm-season", [
      ...again,
      "--force",
      ...home("hospital"),
    ]);
    expect(second.files).to.deep.equal(first.files);
    const list = ["--proof", first.files[0]!, "--list", ...home("bob")];
    const { claimable } = await stage.json<{ claimable: object[] }>("bank claim", list);
    expect(claimable).to.have.length(1);
    expect(claimable[0]).to.include({ steward: 1, season: first.season, confirmed: "batch", claimable: false });
  });

  it("preferences are set as a whole, shown, and taken back", async () => {
    const preferences = (...args: string[]) => stage.json("study preferences", [...args, ...home("bob")]);
    expect(await preferences()).to.deep.equal({ preferences: null });
    expect(await refusal("study preferences", ["--use", "HMB", ...home("bob")])).to.equal("BAD_USAGE");
    const set = ["--use", "HMB,DS", "--disease", "MONDO:0005044", "--categories", "CARE", "--lowest-price", "2.5"];
    expect(await preferences(...set)).to.deep.include({
      preferences: {
        ...{ dataUse: ["DUO:0000006", "DUO:0000007"], diseases: ["MONDO:0005044"], restrictions: [] },
        ...{ categories: ["CARE"], lowestPrice: "2500000000000000000" },
      },
    });
    expect(await preferences("--clear")).to.deep.equal({ preferences: null });
  });

  it("a study is joined despite the preferences, left, and cancelled", async () => {
    const { study } = await openStudy("first.json", "2");
    const which = ["--study", String(study)];
    const join = ["--terms", file("first.json"), "--steward", "1", "--yes"];
    expect(await refusal("study join", [...join, ...home("bob")])).to.equal("STUDY_NOT_WANTED");
    await byFile("study join", [...join, "--despite-preferences"]);
    const signs = ["--sign", file("withdrawal.json"), "--sign-revocation", file("revocation.json")];
    expect(await refusal("study withdraw", [...which, ...signs.slice(0, 2), ...home("bob")])).to.equal("BAD_USAGE");
    await stage.json("study withdraw", [...which, ...signs, ...home("bob")]);
    for (const name of ["revocation", "withdrawal"]) {
      await stage.json("relay", ["--file", file(`${name}.json`), ...home("hospital")]);
    }
    const shown = await stage.json("study list", [...which, ...home("bob")]);
    expect(shown).to.have.nested.property("participation.stage", "Withdrawn");
    const ended = await stage.json("study settle", [...which, "--cancel", ...home("university")]);
    expect(ended).to.include({ refunded: `10${"0".repeat(18)}`, toBank: "0" });
    const listed = await stage.json<{ studies: object[] }>("study list", ["--status", "CANCELLED", ...home("bob")]);
    expect(listed.studies).to.have.length(1);
  });

  it("a delivery is disputed, and everything goes back", async () => {
    const { study } = await openStudy("second.json");
    const which = ["--study", String(study)];
    await byFile("study join", [
      ...["--terms", file("second.json"), "--steward", "1", "--despite-preferences", "--yes"],
    ]);
    await days(1);
    expect(await stage.json("study release", [...which, ...home("hospital")])).to.have.nested.property(
      "study.released",
      true,
    );
    const delivery = ["--patient", "3", "--deliver", file("for-study.json"), ...home("hospital")];
    await stage.json("study deliver", [...which, ...delivery]);
    await byFile("study dispute", [...which, "--yes"]);
    const dispute = [...which, "--patient", "3"];
    const acknowledgement = ["--acknowledgement", file("acknowledged.json")];
    await stage.json("study acknowledge", [...dispute, "--out", file("acknowledged.json"), ...home("university")]);
    const closing = [...dispute, "--close", ...home("hospital")];
    expect(await refusal("study answer", [...closing, ...acknowledgement])).to.equal("BAD_USAGE");
    expect(await refusal("study answer", closing)).to.equal("TOO_EARLY");
    const answered = await stage.json("study answer", [...dispute, ...acknowledgement, ...home("hospital")]);
    expect(answered).to.have.nested.property("participation.stage", "Acknowledged");
    // The authority looked, and the records were somebody else's.
    await stage.json("study decide", [...dispute, "--delivered", "NO"]);
    expect(await stage.json("study list", [...which, ...home("bob")])).to.have.nested.property(
      "participation.stage",
      "Undelivered",
    );
    await days(10);
    expect(await refusal("study collect", [...which, ...home("hospital")])).to.equal("NOTHING_TO_PAY");
    const ended = await stage.json("study settle", [...which, ...home("university")]);
    expect(ended).to.have.nested.property("study.status", "Cancelled");
    expect(ended).to.include({ refunded: `10${"0".repeat(18)}` });
  });
});
