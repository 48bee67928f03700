import { existsSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";

import { ROOT } from "./local-node.js";
import { hasTerminal, onTerminal } from "./terminal.js";
import { createStage, PASSPHRASE, run, type Outcome, type Stage } from "./run-step.js";
import { serveSteps } from "./step-server.js";

/** The commands of docs/guides/step-by-step.md, one to a line. Those of the other terminal stand in a block of another kind. */
const COMMANDS = [
  ...readFileSync(join(ROOT, "docs", "guides", "step-by-step.md"), "utf8").matchAll(/```sh\n([^]*?)```/g),
].flatMap(([, block]) => block!.trim().split("\n"));

/** These commands run as they do for a person, one that works and one that is refused; the steps of the others here. */
const AS_PROCESSES = ['register-provider --name "City Clinic"', "Refused, as it should be."];

const STEP = join(import.meta.dirname, "step-client.mjs");

/** Keeps what a command sets for the next one, and starts the steps without npm's own second before each. */
const SHELL = `chartchain() { "$NODE" \${STEP:---import tsx src/cli/main.ts} "$@"; }
node() { "$NODE" "$@"; }
[ -f "$STATE" ] && . "$STATE"
STEP=$2
eval "$1"; code=$?
{ export -p; declare -p DEMO DIGEST CARD PHONE ACCOUNT CODE UNIVERSITY WRONG 2>/dev/null; } > "$STATE"
exit $code`;

describe("docs/guides/step-by-step.md, each command in a shell", () => {
  let stage: Stage;
  let steps: AsyncDisposable;
  const outcomes = new Map<string, Outcome>();

  const outcomeOf = (...words: string[]): Outcome => {
    const found = COMMANDS.filter((command) => words.every((word) => command.includes(word)));
    expect(found, words.join(" ")).to.have.length(1);
    return outcomes.get(found[0]!)!;
  };
  const demo = (name: string) => stage.at("chartchain-demo", name);
  const home = (name: string) => ["--home", demo(name)];

  before(async () => {
    stage = await createStage();
    steps = await serveSteps(stage.at("steps"));
  });

  after(async () => {
    await steps[Symbol.asyncDispose]();
    await stage.close();
  });

  for (const command of COMMANDS) {
    it(command, async () => {
      const step = AS_PROCESSES.some((words) => command.includes(words)) ? "" : STEP;
      const outcome = await run("bash", ["-c", SHELL, "bash", command, step], {
        ...stage.environment,
        NODE: process.execPath,
        STEPS: stage.at("steps"),
        STATE: stage.at("shell-state"),
      });
      outcomes.set(command, outcome);
      expect(outcome.code, outcome.stderr).to.equal(0);
      expect(outcome.stderr).not.to.include("ExperimentalWarning");
      expect(outcome.stdout + outcome.stderr).not.to.include("correct horse");
    });
  }

  it("numbers the participants as the page says", () => {
    expect(outcomeOf("account register-provider", "General Hospital").stdout).to.include("as participant 1");
    expect(outcomeOf("account register-provider", "City Clinic").stdout).to.include("as participant 2");
    expect(outcomeOf("account register-patient", "/alice").stdout).to.include("as participant 3");
    expect(outcomeOf("relay", "bob-registers").stdout).to.match(/participant id\s+│ 4 /);
    expect(outcomeOf("account register-patient", "/carol").stdout).to.include("as participant 5");
    expect(outcomeOf("account register-provider", "Ambulance Service").stdout).to.include("as participant 6");
    expect(outcomeOf("account register-patient", "/dave").stdout).to.include("as participant 7");
  });

  it("shows a proposal's verified name and its terms in words before it is approved", () => {
    for (const shown of [
      outcomeOf("relationship pending").stdout,
      outcomeOf('relationship approve 1 --yes --home "$DEMO/alice"').stderr,
    ]) {
      expect(shown).to.include("General Hospital (participant 1, name verified)");
      expect(shown).to.include("TREAT: treatment");
    }
  });

  it("gives the clinic the very content that the hospital added, in a file for the clinic alone", async () => {
    const bundle = join(ROOT, "node_modules/hl7.fhir.uv.ips/example/Bundle-bundle-minimal.json");
    expect(JSON.parse(await readFile(demo("summary.json"), "utf8"))).to.deep.equal(
      JSON.parse(await readFile(bundle, "utf8")),
    );
    expect(statSync(demo("summary.json")).mode & 0o777).to.equal(0o600);
    expect(statSync(demo("for-clinic.json")).mode & 0o777).to.equal(0o600);
  });

  it("refuses the clinic after the revocation", () => {
    const { stdout, stderr } = outcomeOf("record open", "as it should be");
    expect(stderr).to.include("CONSENT_DENIED");
    expect(stdout.trim()).to.equal("Refused, as it should be.");
  });

  it("keeps another person's file out of a chart, and takes a record back that got in", () => {
    const refused = outcomeOf("record add", "as the chart says");
    expect(refused.stderr).to.include("CHART_CONTRADICTED").and.include("name.family").and.include("item 1");
    expect(outcomeOf("chartchain worklist --home").stdout).to.include("1 item waiting");
    expect(outcomeOf("chartchain worklist --log").stdout).to.include("assign").and.include("the front desk knows Bob");
    expect(outcomeOf("record retract").stdout).to.include("1 retraction").and.include("tell patient 3");
    expect(outcomeOf("record take", "retracted.json").stdout).to.include("entered in error");
  });

  it("shows what is decided in words before it is", () => {
    const shown = (...words: string[]): string => outcomeOf(...words).stderr;
    expect(shown("consent settings", "--longest-grant 90")).to.match(/longest grant +│ no limit +│ 90 days/);
    expect(shown("delegate appoint", "--view")).to.match(/may grant others +│ SUMMARY: summary/);
    expect(shown("emergency break-glass")).to.include("MEDICATION: medications").and.include("Everybody sees");
    expect(shown("emergency review", "--unjustified")).to.include("Ambulance Service (participant 6, name verified)");
    expect(shown("recovery guardians")).to.include("2 of 3; after a veto 3").and.include("at once");
    expect(shown("recovery start")).to.include("2 of 3 guardians").and.include("may come from a thief");
    expect(shown("recovery execute"))
      .to.include("Every former account is dead")
      .and.match(/seen in an emergency +│ SUMMARY, MEDICATION/);
    expect(shown("consent again")).to.match(/City Clinic \(participant 2, name verified\) +│ SUMMARY +│ TREAT/);
  });

  it("lets the delegate read and grant until she is dismissed", () => {
    expect(outcomeOf("record open", "carol", "PATRQT", "Carol acts no more").stderr).to.include("CONSENT_DENIED");
    expect(outcomeOf("consent grant", "/carol").stdout).to.match(/in the place of +│ participant 3/);
  });

  it("tells the patient why the glass was broken, in a file for its owner alone, and ends it", () => {
    expect(outcomeOf("emergency review", 'reason.json" --home').stdout).to.include("found unconscious");
    expect(statSync(demo("reason.json")).mode & 0o777).to.equal(0o600);
    expect(outcomeOf("record open", "there was no emergency").stderr).to.include("CONSENT_DENIED");
  });

  it("seals for the new key after two days", () => {
    expect(outcomeOf("record take", "for-the-new-key").stdout).to.include("1 new key, 1 new record");
    expect(outcomeOf("key confirm", "--accept").stdout).to.include("Participant 3 holds key 2");
  });

  it("writes the guardians for their owner alone, and tells how far a recovery is", () => {
    expect(statSync(demo("guardians.json")).mode & 0o777).to.equal(0o600);
    expect(statSync(demo("alice.backup")).mode & 0o777).to.equal(0o600);
    const listed = outcomeOf("recovery status --guardians");
    expect(listed.stdout).to.match(/│ 5 +│ 0x\w{40} │ 2 +│ the delay runs; nothing increases │ \d{4}-/);
  });

  it("leaves the stolen account dead, and gives the new one everything that Alice had", () => {
    expect(outcomeOf("consent settings", "that account is dead").stderr).to.include("ACCOUNT_RETIRED");
    expect(outcomeOf("record take", "after-the-recovery").stdout).to.include("1 new key, 1 new record");
  });

  it("counts each patient once in a season, and pays interest that vests", () => {
    expect(outcomeOf("bank confirm-season").stdout).to.include("Confirmed season 0: 2 deposits");
    expect(outcomeOf("bank claim", "--list").stdout).to.match(/│ 0 +│ 1 +│ batch +│ 100 CHART │/);
    expect(outcomeOf("bank claim --home").stdout).to.include("interest of 1 deposit").and.include("100 CHART");
    expect(outcomeOf("bank withdraw").stdout).to.include("Withdrew 30 CHART");
    expect(statSync(demo("proofs/patient-3-season-0.json")).mode & 0o777).to.equal(0o600);
  });

  it("shows what a study is about before it is joined, and releases nothing too early", () => {
    for (const { stderr } of [outcomeOf("study join", "/alice"), outcomeOf("study join", "/bob")]) {
      expect(stderr).to.include("How care is noted").and.include("non-commercial use only");
      expect(stderr).to.include("University (participant 8, name verified)");
    }
    expect(outcomeOf("study preferences", "--terms").stdout).to.include("Study 1 fits");
    expect(outcomeOf("study deliver", "may still join").stderr).to.include("NOT_RELEASED");
    expect(existsSync(demo("too-early.json"))).to.be.false;
    expect(outcomeOf("record take", "bob-for-study").stdout).to.match(/bob-for-study.json: 1 new key, 1 new record/);
  });

  it("pays a study to the last token", () => {
    expect(outcomeOf("study collect", "alice-again").stdout).to.include("Study 1 paid 8 CHART");
    expect(outcomeOf("study collect", "/hospital").stdout).to.include("Study 1 paid 3 CHART");
    const settled = outcomeOf("study settle").stdout;
    expect(settled)
      .to.include("Study 1 is settled")
      .and.match(/burned +│ 1 CHART/);
    expect(settled).to.match(/went back +│ 10 CHART to 0x/);
  });

  it("lets a guardian answer for a child", () => {
    expect(outcomeOf("child attest").stderr).to.match(/comes of age in +│ 2040/);
    expect(outcomeOf("child register", "--attestation").stdout).to.include("Registered the child as participant 9");
    expect(outcomeOf("relationship approve", "--patient 9").stdout).to.include("pproved");
    expect(outcomeOf("consent settings", "--patient 9").stdout).to.match(/longest grant +│ 30 days/);
  });

  it("never gave Bob any ether", async () => {
    const { participant } = await stage
      .json<{ participant: number }>("relay", ["--file", demo("bob-registers.json"), ...home("hospital")])
      .catch(() => ({ participant: 0 }));
    expect(participant, "a registration is relayed once").to.equal(0);
    const wallet = JSON.parse(await readFile(join(demo("bob"), "wallet.json"), "utf8")) as { address: string };
    const body = { jsonrpc: "2.0", id: 1, method: "eth_getBalance", params: [`0x${wallet.address}`, "latest"] };
    const headers = { "content-type": "application/json" };
    const answer = await fetch(stage.node.url, { method: "POST", headers, body: JSON.stringify(body) });
    expect(await answer.json()).to.include({ result: "0x0" });
  });

  it("keeps a shredded record out of the hospital's vault, and the history adds up all the same", async () => {
    expect(outcomeOf("record shred").stdout).to.include("envelope");
    const listed = await stage.json<{ records: { digest: string }[] }>("record list", ["--all", ...home("hospital")]);
    const report = await stage.json<{ matchesHead: boolean; shredded: string[] }>("record verify", [
      ...["--patient", "3"],
      ...home("hospital"),
    ]);
    expect(report.matchesHead).to.be.true;
    expect(report.shredded).to.have.length(1);
    expect(listed.records.map(({ digest }) => digest)).not.to.include(report.shredded[0]);
  });

  it("lets a grant expire by the chain's clock", async () => {
    const file = demo("an-hour.json");
    const grant = ["--viewer", "2", "--categories", "SUMMARY", "--purpose", "HRESCH", "--minutes", "60"];
    await stage.json("consent grant", [...grant, "--deliver", file, ...home("alice-again")]);
    await stage.json("record take", [file, ...home("clinic")]);
    const { records } = await stage.json<{ records: { digest: string; patient: number; readableFor: string[] }[] }>(
      "record list",
      home("clinic"),
    );
    const record = records.find(({ patient }) => patient === 3)!;
    // What she had granted again for thirty days has ended meanwhile.
    expect(record.readableFor).to.deep.equal(["HRESCH"]);

    await stage.node.increaseTime(7_200);
    const open = ["--digest", record.digest, "--purpose", "HRESCH", ...home("clinic"), "--json"];
    const refused = await stage.step("record open", open);
    expect(refused.code).to.equal(1);
    expect((JSON.parse(refused.stdout) as { error: { code: string } }).error.code).to.equal("CONSENT_DENIED");
  });

  it("prints one JSON document and nothing else for a program", async () => {
    const { code, stdout, stderr } = await stage.step("authority license", [...["--institution", "2"], "--json"]);
    expect(code).to.equal(0);
    expect(stderr).to.equal("");
    expect(JSON.parse(stdout)).to.include({ institution: 2, name: "City Clinic" });
  });

  it("writes everything once more with --again, and says so when there is nothing new", async () => {
    const deliver = [
      "--deliver-only",
      "--patient",
      "4",
      "--viewer",
      "4",
      "--deliver",
      demo("again.json"),
      ...home("hospital"),
    ];
    const nothing = await stage.step("consent grant", [...deliver, "--json"]);
    expect(nothing.stdout).to.include("NOTHING_TO_DELIVER");
    const { delivered } = await stage.json<{ delivered: object }>("consent grant", [...deliver, "--again"]);
    expect(delivered).to.include({ keys: 3, records: 2, retractions: 1 });
  });

  it("runs under whatever Node the shell has, through npx", async () => {
    const path = process.env["PATH"]!.split(":").filter((folder) => !folder.endsWith("node_modules/.bin"));
    const { code, stdout } = await run("npx", ["tsx", "scripts/relay.ts", "--help"], { PATH: path.join(":") });
    expect(code).to.equal(0);
    expect(stdout).to.include("Usage:").and.include("--file FILE").and.include("CHARTCHAIN_PASSPHRASE");
  });

  describe("on a terminal", () => {
    before(function () {
      if (hasTerminal()) return;
      console.log("      skipped: this machine has no `script` of util-linux, which gives a process a terminal");
      this.skip();
    });

    it("asks for a new passphrase twice and shows nothing of what is typed", async () => {
      const { code, screen } = await onTerminal(
        stage,
        "account register-patient",
        ["--fund", ...home("erin")],
        [
          ["New passphrase", "typed in secret"],
          ["Once more", "typed in secret"],
        ],
      );
      expect(screen).to.include("Registered as participant 11");
      expect(screen).not.to.include("typed in secret");
      expect(code).to.equal(0);
    });

    it("asks a responder what happened, and breaks no glass against a no", async () => {
      const out = demo("unused.json");
      const { code, screen } = await onTerminal(
        stage,
        "emergency break-glass",
        ["--patient", "4", "--out", out, ...home("ambulance")],
        [
          ["Passphrase", PASSPHRASE],
          ["What happened", "fell off a ladder"],
          ["Break the glass? [y/N]", "n"],
        ],
      );
      expect(screen).to.include("CANCELLED").and.not.include(PASSPHRASE);
      expect(code).to.equal(1);
      expect(existsSync(out)).to.be.false;
    });

    it("takes no for an answer", async () => {
      const shred = ["--digest", `0x${"01".repeat(32)}`, ...home("erin")];
      const { code, screen } = await onTerminal(stage, "record shred", shred, [
        ["Passphrase", "typed in secret"],
        ["Erase it for ever? [y/N]", "n"],
      ]);
      expect(screen).to.include("CANCELLED");
      expect(code).to.equal(1);
    });
  });
});
