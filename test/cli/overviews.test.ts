import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { expect } from "chai";

import { columnsOf } from "../../src/cli/terminal/width.js";
import { ROOT } from "./local-node.js";
import { asProcess, createStage, type Environment, type Outcome, type Stage } from "./run-step.js";

const [HOSPITAL, CLINIC, ALICE] = [1, 2, 3];
const BUNDLE = join(ROOT, "node_modules/hl7.fhir.uv.ips/example/Bundle-bundle-minimal.json");

/** What people ask most: who am I, what waits, who may see what and why, what happened. */
describe("the commands that only look", () => {
  let stage: Stage;
  const home = (name: string) => ["--home", stage.at(name)];
  /** Without any passphrase: what only reads the chain asks for none. */
  const bare = { CHARTCHAIN_PASSPHRASE: "" };

  /** Takes a step that has to work: first for a narrow terminal, on which every line fits. */
  async function shown(name: string, args: readonly string[], environment: Environment = bare): Promise<string> {
    const narrow = worked(await stage.step(name, args, { ...environment, COLUMNS: "60" }));
    // What is pasted stays whole where it can't be broken: a path.
    const isProse = (line: string) => !/^ +(chartchain|--)/.test(line) && !line.includes(stage.folder);
    for (const line of narrow.stdout.split("\n").filter(isProse)) {
      expect(columnsOf(line), `${name}: ${line}`).to.be.at.most(60);
    }
    return worked(await stage.step(name, args, environment)).stdout;
  }

  function worked(outcome: Outcome): Outcome {
    expect(outcome.code, outcome.stdout + outcome.stderr).to.equal(0);
    return outcome;
  }

  const grant = (...args: string[]) =>
    stage.json("consent grant", [String(CLINIC), "--purpose", "TREAT", ...args, ...home("alice")]);

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("account register-provider", ["--name", "City Clinic", "--fund", ...home("clinic")]);
    await stage.json("account register-patient", ["--fund", ...home("alice")]);
    await stage.json(
      "authority license",
      ["1", "--roles", "PROVIDER,EMERGENCY"].slice(1).concat(["--institution", "1"]),
    );
    await stage.json("authority license", ["--institution", "1", "--roles", "PROVIDER,EMERGENCY"]);
    await stage.json("authority license", ["--institution", "2", "--roles", "PROVIDER"]);
  });
  after(() => stage.close());

  describe("whoami", () => {
    it("says of a new account that it isn't registered, and what comes next", async () => {
      await stage.json("account new", home("nobody"));
      const text = await shown("whoami", home("nobody"));
      expect(text).to.include("Not registered yet").and.include("chartchain account register-patient");
      expect(await stage.json("whoami", home("nobody"), bare)).to.include({ registered: false, former: null });
      expect(await stage.json("whoami", home("nobody"), bare)).nested.include({ "account.scope": null });
    });

    it("says who a participant is, by which account and licence", async () => {
      const hospital = await shown("whoami", home("hospital"));
      expect(hospital)
        .to.include("General Hospital, participant 1")
        .and.match(/PROVIDER, EMERGENCY until \d{4}/);
      expect(await shown("whoami", home("alice"))).to.include(`Participant ${ALICE}, a person`);
      const me = await stage.json<{ id: number; kind: string; account: object }>("whoami", home("alice"), bare);
      expect(me).to.include({ id: ALICE, kind: "person" });
      expect(me.account).to.include({ scope: "owner" });
    });
  });

  describe("a relationship", () => {
    const propose = async (...args: string[]) => {
      const terms = stage.at(`terms-${Date.now()}.json`);
      await stage.json("relationship propose", [String(ALICE), "--terms", terms, ...args, ...home("hospital")]);
      return terms;
    };
    const standing = async () => {
      const { relationships } = await stage.json<{ relationships: { status: string; blocked: boolean }[] }>(
        "relationship list",
        ["--all", ...home("alice")],
        bare,
      );
      return relationships[0]!;
    };

    it("is declined by a verb of its own, also signed by the patient and relayed", async () => {
      await propose();
      const declined = await stage.json("relationship decline", [String(HOSPITAL), ...home("alice")]);
      expect(declined).to.include({ provider: HOSPITAL, status: "Declined" });
      await propose();
      const file = stage.at("declines.json");
      await stage.json("relationship decline", [String(HOSPITAL), "--sign", file, ...home("alice")]);
      await stage.json("relay", [file, ...home("hospital")]);
      expect(await standing()).to.include({ status: "Declined" });
      const nothing = await stage.step("relationship decline", [String(HOSPITAL), ...home("alice")]);
      expect(nothing.stderr).to.include("NOT_PROPOSED").and.include("chartchain relationship pending");
    });

    it("that waits is at a glance, and is approved by the provider's number alone", async () => {
      const terms = await propose("--until", "in 400 days");
      const pending = await shown("relationship pending", ["--terms", terms, ...home("alice")], {});
      expect(pending).to.include("chartchain relationship approve").and.include("chartchain relationship decline");
      expect(await shown("status", home("alice"), {})).to.include("General Hospital proposes a relationship");
      expect(await shown("patients", home("hospital"))).to.include(`Not answered yet: patient ${ALICE}`);
      expect(await shown("status", home("hospital"), {})).to.include("1 proposal of yours isn't answered yet");
      await stage.json("relationship approve", [String(HOSPITAL), "--yes", ...home("alice")]);
      expect(await shown("relationship list", home("alice"))).to.match(/General Hospital +│ 1 +│ active/);
      expect(await shown("patients", [...home("hospital"), "--days", "500"])).to.include("Within 500 days end: 3");
      expect(await shown("patients", ["--terms", ...home("hospital")], {})).to.include("TREAT");
    });

    it("rests and goes on, by the side that let it rest", async () => {
      expect(await stage.json("relationship suspend", [String(HOSPITAL), ...home("alice")])).to.deep.include({
        patient: ALICE,
        provider: HOSPITAL,
      });
      expect(await standing()).to.include({ status: "SuspendedByPatient" });
      const wrong = await stage.step("relationship resume", [String(ALICE), ...home("hospital")]);
      expect(wrong.stderr).to.include("NOT_SUSPENDED_BY");
      await stage.json("relationship resume", [String(HOSPITAL), ...home("alice")]);
      await stage.json("relationship suspend", [String(ALICE), ...home("hospital")]);
      expect(await standing()).to.include({ status: "SuspendedByProvider" });
      await stage.json("relationship resume", [String(ALICE), ...home("hospital")]);
      expect(await standing()).to.include({ status: "Active" });
    });

    it("is refused for good by a block, until that is lifted", async () => {
      await stage.json("relationship block", [String(CLINIC), ...home("alice")]);
      const { stderr } = await stage.step("relationship propose", [
        ...[String(ALICE), "--terms", stage.at("blocked.json"), ...home("clinic")],
      ]);
      expect(stderr).to.include("BLOCKED");
      expect(existsSync(stage.at("blocked.json"))).to.be.false;
      await stage.json("relationship unblock", [String(CLINIC), ...home("alice")]);
      const again = await stage.step("relationship unblock", [String(CLINIC), ...home("alice")]);
      expect(again.stderr).to.include("BLOCK_UNCHANGED");
    });
  });

  describe("records", () => {
    let digests: string[];

    it("are taken in by files alone, and listed with title, day and author", async () => {
      const file = stage.at("for-alice.json");
      await stage.json("record add", ["--patient", "3", "--input", BUNDLE, "--deliver", file, ...home("hospital")]);
      for (const [i, category] of ["CARE", "DIAGNOSTIC"].entries()) {
        const added = [
          "--patient",
          "3",
          "--file",
          join(ROOT, ["README.md", "LICENSE"][i]!),
          "--media-type",
          "text/plain",
        ];
        await stage.json("record add", [...added, "--category", category, ...home("hospital")]);
      }
      const second = stage.at("more-for-alice.json");
      await stage.json("consent grant", [
        "3",
        "--deliver-only",
        "--patient",
        "3",
        "--deliver",
        second,
        ...home("hospital"),
      ]);
      const taken = await shown("record take", [file, second, ...home("alice")], {});
      expect(taken).to.include("for-alice.json").and.include("more-for-alice.json");
      const list = await shown("record list", home("alice"), {});
      expect(list)
        .to.match(/│ 0x[0-9a-f]{10}… │ \d{4}-\d\d-\d\d │ /)
        .and.include("PATRQT")
        .and.include("text/plain");
      const { records, after } = await stage.json<{
        records: { digest: string; title: string; author: number; category: string }[];
        after: string | null;
      }>("record list", home("alice"));
      digests = records.map(({ digest }) => digest);
      expect(after).to.equal(null);
      expect(records.map(({ author }) => author)).to.deep.equal(records.map(() => HOSPITAL));
      for (const { title } of records) expect(title).to.be.a("string").and.not.equal("");
    });

    it("come in pages, by category and by day", async () => {
      const listed = async (...args: string[]) =>
        stage.json<{ records: { digest: string; category: string }[]; after: string | null }>("record list", [
          ...args,
          ...home("alice"),
        ]);
      const seen: string[] = [];
      for (let after: string | null = "", pages = 0; after !== null && pages < 20; pages++) {
        const page = await listed("--limit", "2", ...(after === "" ? [] : ["--after", after]));
        expect(page.records.length).to.be.within(1, 2);
        seen.push(...page.records.map(({ digest }) => digest));
        after = page.after;
      }
      expect(seen).to.deep.equal(digests);
      expect((await listed("--all")).records).to.have.length(digests.length);
      const care = await listed("--category", "DIAGNOSTIC");
      expect(new Set(care.records.map(({ category }) => category))).to.deep.equal(new Set(["DIAGNOSTIC"]));
      expect((await listed("--until", "1 Jan 1990")).records).to.deep.equal([]);
      expect((await listed("--since", "yesterday")).records.length).to.be.at.least(2);
      const both = await stage.step("record list", [
        "--since",
        "2030-01-02",
        "--until",
        "2030-01-01",
        ...home("alice"),
      ]);
      expect(both.code).to.equal(2);
    });

    it("take another one's place, or contradict it, and both say so", async () => {
      const former = digests.at(-1)!;
      await writeFile(stage.at("corrected.txt"), "as it should have been");
      await writeFile(stage.at("statement.txt"), "it was the left knee");
      const text = (name: string) => ["--file", stage.at(name), "--media-type", "text/plain", ...home("hospital")];
      const amending = await stage.json<{ digest: string }>("record amend", [
        former.slice(0, 14),
        ...text("corrected.txt"),
      ]);
      expect(amending).to.include({ amends: former, category: "DIAGNOSTIC", patient: ALICE });
      const disputing = await stage.json<{ digest: string }>("record dispute", [former, ...text("statement.txt")]);
      expect(disputing).to.include({ disputes: former });
      const show = (digest: string) => stage.json("record show", [digest, ...home("hospital")]);
      expect(await show(former)).to.deep.include({ amendedBy: [amending.digest] });
      expect(await show(amending.digest)).to.include({ amends: former });
      const list = await shown("record list", home("hospital"), {});
      expect(list)
        .to.include(`replaces ${former.slice(0, 14)}`)
        .and.include(`disputes ${former.slice(0, 14)}`);
      const several = await stage.step("record amend", [former, "--input", stage.folder, ...home("hospital")]);
      expect(several.code).not.to.equal(0);
      const unknown = await stage.step("record amend", [`0x${"12".repeat(32)}`, ...text("corrected.txt")]);
      expect(unknown.stderr).to.include("RECORD_UNKNOWN");
    });

    it("are shown one by one, and opened by how their digest begins", async () => {
      const [first] = digests as [string];
      const text = await shown("record show", [first.slice(0, 14), ...home("alice")], {});
      expect(text.replace(/\s|│/g, "")).to.include(first).and.include("GeneralHospital(participant1,nameverified)");
      expect(worked(await stage.step("record open", [first.slice(0, 14), ...home("alice")])).stdout).to.include(
        "Opened",
      );
      const unknown = await stage.step("record show", [`0x${"12".repeat(32)}`, ...home("alice")]);
      expect(unknown.stderr).to.include("RECORD_UNKNOWN").and.include("chartchain record list");
    });

    it("are opened by the command that the list ends with", async () => {
      const [command] = /chartchain record open .*/.exec(await shown("record list", home("alice"), {}))!;
      const opened = await stage.step("record open", command.split(" ").slice(3));
      expect(opened.code, opened.stderr).to.equal(0);
    });
  });

  describe("consent", () => {
    const granted = async (who: string, ...args: string[]) =>
      (
        await stage.json<{
          grants: {
            sees: { category: string }[];
            expired: { category: string }[];
            revoked: string[];
            viewer: number;
          }[];
        }>("consent list", [...args, ...home(who)], bare)
      ).grants;
    const explain = (category: string, purpose = "TREAT") =>
      stage.json<{ allowed: boolean; why: string[]; narrowed: boolean }>(
        "consent explain",
        [String(CLINIC), "--category", category, "--purpose", purpose, ...home("alice")],
        bare,
      );

    it("tells what stands, what expired, what was revoked and what was never granted apart", async () => {
      expect((await explain("SUMMARY")).why).to.deep.equal(["SUMMARY was never granted for TREAT"]);
      await grant("--categories", "SUMMARY", "--until", "1h");
      await grant("--categories", "CARE", "--until", "in 30 days");
      await grant("--categories", "MEDICATION", "--days", "30");
      await stage.json("consent revoke", [
        ...[String(CLINIC), "--purpose", "TREAT", "--steward", "every", "--categories", "MEDICATION"],
        ...home("alice"),
      ]);
      expect(await explain("SUMMARY")).to.include({ allowed: true });
      await stage.node.increaseTime(7_200);

      const text = await shown("consent list", home("alice"));
      expect(text)
        .to.match(/City Clinic \(2\) +│ CARE +│ TREAT/)
        .and.match(/SUMMARY +│ TREAT +│ every provider │ expired \d{4}/);
      const [one, ...others] = await granted("alice");
      expect(others).to.deep.equal([]);
      expect(one!.sees.map(({ category }) => category)).to.deep.equal(["CARE"]);
      expect(one!.expired.map(({ category }) => category)).to.deep.equal(["SUMMARY"]);
      expect(one!.revoked).to.deep.equal(["MEDICATION"]);
      expect(await granted("clinic", "--received")).to.deep.equal([one]);
      expect(await shown("consent list", ["--received", ...home("clinic")])).to.include("participant 3");

      const why = async (category: string) => (await explain(category)).why.join(" ");
      expect(await why("SUMMARY")).to.include("expired: ");
      expect(await why("MEDICATION")).to.include("was revoked");
      expect(await why("GENOMIC"))
        .to.include("GENOMIC was never granted for TREAT")
        .and.include("CARE");
      const no = await shown("consent explain", ["2", "--category", "GENOMIC", "--purpose", "TREAT", ...home("alice")]);
      expect(no)
        .to.include("may not see GENOMIC")
        .and.match(/chartchain consent grant .*2 --categories GENOMIC/);
      const yes = await shown("consent explain", ["2", "--category", "CARE", "--purpose", "TREAT", ...home("alice")]);
      expect(yes).to.include("may see CARE").and.include("a grant, until");
      expect(await explain("CARE", "HPAYMT")).to.include({ allowed: false });
    });

    it("shows everybody who may see something, on which basis", async () => {
      const text = await shown("consent who-can-see", home("alice"));
      expect(text)
        .to.match(/General Hospital \(1\) +│ all/)
        .and.match(/by a grant +│/);
      const { seers } = await stage.json<{ seers: { viewer: number }[] }>(
        "consent who-can-see",
        ["--category", "GENOMIC", ...home("alice")],
        bare,
      );
      expect(seers.map(({ viewer }) => viewer)).to.deep.equal([HOSPITAL]);
    });

    it("is told of before it ends, and in a history with who did it", async () => {
      await grant("--categories", "CARE", "--days", "10");
      expect(await shown("status", home("alice"), {})).to.include("A grant with City Clinic (2) ends");
      expect(await shown("status", ["--days", "5", ...home("alice")], {})).not.to.include("City Clinic");
      const text = await shown("consent history", ["--limit", "3", ...home("alice")]);
      expect(text)
        .to.match(/City Clinic \(2\) may see CARE of participant 3 for TREAT/)
        .and.include("--before");
      const seen: string[] = [];
      for (let before: string | null = "", pages = 0; before !== null && pages < 20; pages++) {
        const args: string[] = ["--limit", "3", ...(before === "" ? [] : ["--before", before]), ...home("alice")];
        const page = await stage.json<{ history: { id: string; actor: number }[]; before: string | null }>(
          "consent history",
          args,
          bare,
        );
        seen.push(...page.history.map(({ id }) => id));
        before = page.before;
      }
      expect(new Set(seen).size).to.equal(seen.length).and.to.be.at.least(8);
    });

    it("is refused in words, not in seconds since 1970", async () => {
      const { stderr } = await stage.step("consent grant", [
        ...[String(CLINIC), "--purpose", "TREAT", "--categories", "CARE", "--until", "31 Jan 2150", ...home("alice")],
      ]);
      expect(stderr)
        .to.include("EXPIRY_TOO_FAR")
        .and.match(/latest \d{4}-\d\d-\d\dT/)
        .and.not.match(/\d{10}/);
      const days = await stage.step("consent grant", [
        ...[String(CLINIC), "--purpose", "TREAT", "--categories", "CARE", "--days", "-1", ...home("alice")],
      ]);
      expect(days.stderr).to.include("--days needs a whole number from 1 to 36500");
    });

    it("is taken back from everybody with one command, which asks first", async () => {
      const asked = await stage.step("consent revoke-all", home("alice"));
      expect(asked.stderr)
        .to.include("CONFIRMATION_MISSING")
        .and.match(/City Clinic \(2\) +│ a grant/);
      expect((await granted("alice"))[0]!.sees, "nothing happened yet").not.to.deep.equal([]);
      const text = worked(await stage.step("consent revoke-all", ["--yes", ...home("alice")])).stdout;
      expect(text).to.include("Revoked everything").and.include("General Hospital (1)");
      expect(await granted("alice")).to.deep.equal([]);
      expect((await granted("alice", "--all"))[0]!.revoked).to.include("CARE");
      expect(await shown("consent list", ["--all", ...home("alice")])).to.include("revoked");
    });

    it("ends with the day that was named, also today, and is refused for one that is past", async () => {
      const midnight = new Date();
      midnight.setHours(24, 0, 0, 0);
      const granted = await stage.json<{ until: number }>("consent grant", [
        ...["2", "--categories", "SUMMARY", "--purpose", "TREAT", "--until", "today", ...home("alice")],
      ]);
      expect(granted.until).to.equal(midnight.getTime() / 1000 - 1);
      const list = await shown("consent list", home("alice"));
      expect(list).to.include(new Date(granted.until * 1000).toISOString().slice(11, 16));
      const past = ["--categories", "SUMMARY", "--purpose", "TREAT", "--until", "yesterday", ...home("alice")];
      const { code, stderr } = await stage.step("consent grant", ["2", ...past]);
      expect([code, stderr.includes("--until is past")]).to.deep.equal([2, true]);
      await stage.json("consent revoke", ["2", ...home("alice")]);
    });
  });

  describe("emergencies", () => {
    it("are listed with what they opened, wait for a review, and are the disclosures on chain", async () => {
      expect(await shown("disclosures", home("alice"))).to.include("The chain shows no disclosure");
      expect(await shown("emergency list", home("alice"))).to.include("Nobody broke the glass");
      const broken = ["--patient", "3", "--reason", "found unconscious", "--out", stage.at("reason.json"), "--yes"];
      await stage.json("emergency break-glass", [...broken, ...home("hospital")]);
      expect(await shown("emergency list", ["--open", ...home("alice")])).to.match(
        /General Hospital \(1\), number 1 +│/,
      );
      expect(await shown("status", home("alice"), {})).to.include("General Hospital (1) broke the glass");
      expect(await shown("disclosures", home("alice")))
        .to.include("1 disclosure")
        .and.include("unreviewed");
      await stage.json("emergency review", [String(HOSPITAL), "--unjustified", "--yes", ...home("alice")]);
      const { emergencies } = await stage.json<{ emergencies: { outcome: string; isOpen: boolean }[] }>(
        "emergency list",
        home("alice"),
        bare,
      );
      expect(emergencies).to.have.length(1);
      expect(emergencies[0]).to.include({ outcome: "Unjustified", isOpen: false });
      expect(await shown("emergency list", ["--open", ...home("alice")])).to.include("No glass is broken now");
      expect(await shown("status", home("alice"), {})).not.to.include("glass");
      expect(await shown("disclosures", ["--released", ...home("hospital")], {})).to.include("Keys were given out");
    });
  });

  describe("watch", () => {
    it("tells all of the past once, then only what is new", async () => {
      const args = ["--once", "--from", "deployment", ...home("alice")];
      const text = await shown("watch", [...args, "--about", String(ALICE)]);
      expect(text).to.include("Nothing new", "the rounds before told all");
      const lines = (await stage.step("watch", [...args, "--json"], bare)).stdout.trim().split("\n");
      const notices = lines.map((line) => JSON.parse(line) as { kind: string; id: string; provider?: number });
      expect(notices.map(({ kind }) => kind)).to.include.members(["proposal", "relationship", "record", "grant"]);
      expect(new Set(notices.map(({ id }) => id)).size).to.equal(notices.length);
      expect((await stage.step("watch", [...args, "--json"], bare)).stdout).to.equal("");
      await stage.json("consent settings", ["--longest-grant", "90", "--yes", ...home("alice")]);
      const news = (await stage.step("watch", [...args, "--json"], bare)).stdout.trim().split("\n");
      expect(news.map((line) => (JSON.parse(line) as { change?: string }).change)).to.deep.equal(["settings"]);
    });

    it("prints what happens as it happens, beside other commands, and ends by Ctrl-C in good order", async () => {
      const args = ["--json", "--interval", "1", ...home("alice")];
      const [program, words] = asProcess("watch", args);
      const child = spawn(program, words, {
        cwd: ROOT,
        env: { PATH: process.env["PATH"], NO_COLOR: "1", ...stage.environment, ...bare },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let errors = "";
      child.stderr.on("data", (chunk: Buffer) => void (errors += chunk.toString("utf8")));
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      await grant("--categories", "SUMMARY", "--days", "60");
      const { value } = (await lines.next()) as { value: string };
      expect(JSON.parse(value), errors).to.include({ kind: "grant", viewer: CLINIC });
      const beside = await stage.step("watch", ["--once", ...home("alice")], bare);
      expect(beside.stderr).to.include("INDEX_IN_USE");
      child.kill("SIGINT");
      const [code] = (await once(child, "close")) as [number | null];
      expect(code, errors).to.equal(0);
      expect((await lines.next()).done, "nothing beside the notices").to.equal(true);
    });
  });

  describe("an index", () => {
    it("of the chain's events is in each home that has a vault, keeps no two commands apart, and is made anew where it is damaged", async () => {
      const both = [
        stage.json("relationship list", home("alice"), bare),
        stage.json("consent list", home("alice"), bare),
      ];
      await Promise.all(both);
      const file = stage.at("alice", "31337", "index.sqlite");
      expect(existsSync(file)).to.be.true;
      await writeFile(file, "no database at all, but long enough to be taken for one".repeat(200));
      expect(await shown("relationship list", home("alice"))).to.include("General Hospital");
    });
  });
});
