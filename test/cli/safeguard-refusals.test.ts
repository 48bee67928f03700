// Long, because every way to take these steps wrongly is taken here.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";

import { expect } from "chai";

import { createStage, PASSPHRASE, type Environment, type Stage } from "./run-step.js";

/** A step that must fail: what goes wrong, the code it ends with, the step, its arguments. */
type Case = [says: string, code: string, step: string, args: () => string[], environment?: Environment];

const NOBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

describe("delegates, emergencies, settings, accounts and recoveries: steps that are refused", () => {
  let stage: Stage;
  const home = (name: string) => ["--home", stage.at(name)];
  const file = (name: string) => stage.at("files", name);
  const account: Record<string, string> = {};

  // Participants: hospital 1, ambulance 2, alice 3, bob 4, carol 5, dave 6, mallory 7.
  before(async () => {
    stage = await createStage();
    await mkdir(stage.at("files"));
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("account register-provider", ["--name", "Ambulance Service", "--fund", ...home("ambulance")]);
    for (const name of ["alice", "bob", "carol", "dave", "mallory"]) {
      ({ account: account[name] } = await stage.json<{ account: string }>("account register-patient", [
        "--fund",
        ...home(name),
      ]));
    }
    await stage.json("authority license", ["--institution", "2", "--roles", "EMERGENCY"]);
  });

  after(() => stage.close());

  function refused(cases: readonly Case[]): void {
    for (const [says, code, step, args, environment] of cases) {
      it(`${says}: ${code}`, async () => {
        const { code: exit, stdout, stderr } = await stage.step(step, [...args(), "--json"], environment);
        const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } };
        expect(error.code, error.message).to.equal(code);
        expect(exit).to.equal(code === "BAD_USAGE" ? 2 : 1);
        expect(stderr).to.equal("");
        expect(error.hint).to.match(/\S/);
        expect(stdout).not.to.include(PASSPHRASE);
      });
    }
  }

  const altered = async (from: string, to: string, change: (content: Record<string, unknown>) => void) => {
    const content = JSON.parse(await readFile(file(from), "utf8")) as Record<string, unknown>;
    change(content);
    await writeFile(file(to), JSON.stringify(content));
  };

  describe("a delegate", () => {
    const appoint = (delegate: string, ...more: string[]) => [
      ...["--delegate", delegate, "--view", "SUMMARY", "--days", "30"],
      ...more,
      ...home("alice"),
    ];

    refused([
      ["without a power", "BAD_USAGE", "delegate appoint", () => ["--delegate", "5", "--days", "30", ...home("alice")]],
      [
        "without an end",
        "BAD_USAGE",
        "delegate appoint",
        () => ["--delegate", "5", "--view", "SUMMARY", ...home("alice")],
      ],
      ["who is an institution", "DELEGATE_NOT_A_PERSON", "delegate appoint", () => appoint("1", "--yes")],
      ["who is the patient", "DELEGATE_IS_PATIENT", "delegate appoint", () => appoint("3", "--yes")],
      ["who isn't there", "UNKNOWN_PARTICIPANT", "delegate appoint", () => appoint("77", "--yes")],
      ["whom nobody confirms", "CONFIRMATION_MISSING", "delegate appoint", () => appoint("5")],
      ["who never was one, and resigns", "NOT_A_DELEGATE", "delegate resign", () => ["3", ...home("mallory")]],
      [
        "who isn't one, and grants",
        "NOT_EMPOWERED",
        "consent grant",
        () => [
          ...["--patient", "3", "--viewer", "4", "--categories", "SUMMARY", "--purpose", "TREAT", "--days", "1"],
          ...home("mallory"),
        ],
      ],
      [
        "who hands out keys",
        "BAD_USAGE",
        "consent grant",
        () => [
          ...["--patient", "3", "--viewer", "4", "--categories", "SUMMARY", "--purpose", "TREAT", "--days", "1"],
          ...["--deliver", file("keys.json"), ...home("mallory")],
        ],
      ],
      [
        "who isn't one, and revokes",
        "NOT_EMPOWERED",
        "consent revoke",
        () => ["--patient", "3", "--viewer", "4", ...home("mallory")],
      ],
    ]);
  });

  describe("settings", () => {
    refused([
      [
        "that contradict themselves",
        "BAD_USAGE",
        "consent settings",
        () => ["--emergency", "NONE,CARE", ...home("alice")],
      ],
      [
        "that are signed and are none",
        "BAD_USAGE",
        "consent settings",
        () => ["--sign", file("none.json"), ...home("alice")],
      ],
      [
        "that nobody confirms",
        "CONFIRMATION_MISSING",
        "consent settings",
        () => ["--longest-grant", "1", ...home("alice")],
      ],
      [
        "of an institution",
        "WRONG_PROFILE",
        "consent settings",
        () => ["--longest-grant", "1", "--yes", ...home("hospital")],
      ],
    ]);
  });

  describe("an emergency", () => {
    const glass = (...more: string[]) => ["--out", file("unused.json"), "--reason", "r", "--yes", ...more];
    const review = (...more: string[]) => [...more, "--yes", ...home("alice")];

    before(async () => {
      await stage.json("consent settings", ["--emergency", "NONE", "--yes", ...home("bob")]);
      const broken = ["--patient", "3", "--reason", "found unconscious", "--out", file("reason.json"), "--yes"];
      await stage.json("emergency break-glass", [...broken, ...home("ambulance")]);
      await altered("reason.json", "other-reason.json", (content) => (content["reason"] = "asked by the patient"));
      await altered("reason.json", "other-number.json", (content) => (content["number"] = 9));
      await stage.json("delegate appoint", [
        ...["--delegate", "5", "--view", "CARE", "--days", "1", "--sign", file("signed.json"), "--yes"],
        ...home("alice"),
      ]);
    });

    refused([
      [
        "by who isn't certified",
        "NOT_CERTIFIED_FOR_EMERGENCIES",
        "emergency break-glass",
        () => [...glass("--patient", "3"), ...home("hospital")],
      ],
      [
        "of who opted out",
        "OPTED_OUT",
        "emergency break-glass",
        () => [...glass("--patient", "4"), ...home("ambulance")],
      ],
      [
        "that lasts already",
        "GLASS_ALREADY_BROKEN",
        "emergency break-glass",
        () => [...glass("--patient", "3"), ...home("ambulance")],
      ],
      [
        "with a card that is none",
        "EMERGENCY_CARD_UNREADABLE",
        "emergency break-glass",
        () => [...glass("--card", "https://example.org/?participant=3"), ...home("ambulance")],
      ],
      [
        "with another network's card",
        "HANDOVER_WRONG_CHAIN",
        "emergency break-glass",
        () => [
          ...glass("--card", `chartchain:emergency?v=1&chain=eip155:1&registrar=${NOBODY}&participant=3`),
          ...home("ambulance"),
        ],
      ],
      ["of nobody in particular", "BAD_USAGE", "emergency break-glass", () => [...glass(), ...home("ambulance")]],
      [
        "longer than four hours",
        "BAD_USAGE",
        "emergency break-glass",
        () => [...glass("--patient", "3", "--minutes", "241"), ...home("ambulance")],
      ],
      [
        "without a reason, and nobody to ask",
        "BAD_USAGE",
        "emergency break-glass",
        () => ["--patient", "3", "--out", file("unused.json"), "--yes", ...home("ambulance")],
      ],
      [
        "that nobody confirms",
        "CONFIRMATION_MISSING",
        "emergency break-glass",
        () => ["--patient", "3", "--out", file("unused.json"), "--reason", "r", ...home("ambulance")],
      ],
      [
        "whose reason would overwrite a file",
        "FILE_EXISTS",
        "emergency break-glass",
        () => ["--patient", "3", "--out", file("reason.json"), "--reason", "r", "--yes", ...home("ambulance")],
      ],
      [
        "reviewed with a reason that was altered",
        "REASON_ALTERED",
        "emergency review",
        () => review("--reason", file("other-reason.json"), "--justified"),
      ],
      [
        "reviewed that never was",
        "UNKNOWN_EMERGENCY",
        "emergency review",
        () => review("--reason", file("other-number.json"), "--justified"),
      ],
      [
        "reviewed of somebody who did nothing",
        "UNKNOWN_EMERGENCY",
        "emergency review",
        () => review("--responder", "1", "--unjustified"),
      ],
      [
        "reviewed with another file",
        "HANDOVER_WRONG_KIND",
        "emergency review",
        () => review("--reason", file("signed.json"), "--justified"),
      ],
      [
        "reviewed as its own by another patient",
        "EMERGENCY_OF_SOMEBODY_ELSE",
        "emergency review",
        () => ["--reason", file("reason.json"), "--justified", "--yes", ...home("mallory")],
      ],
      [
        "reviewed by a stranger",
        "NOT_EMPOWERED",
        "emergency review",
        () => ["--patient", "3", "--responder", "2", "--justified", "--yes", ...home("mallory")],
      ],
      [
        "reviewed by a stranger who says to be the authority",
        "ACCESS_MANAGED_UNAUTHORIZED",
        "emergency review",
        () => [
          ...["--patient", "3", "--responder", "2", "--justified", "--authority", "--yes"],
          ...["--wallet", stage.at("mallory", "wallet.json")],
        ],
      ],
      [
        "reviewed both ways",
        "BAD_USAGE",
        "emergency review",
        () => review("--responder", "2", "--justified", "--unjustified"),
      ],
      ["reviewed, but not which", "BAD_USAGE", "emergency review", () => review("--justified")],
    ]);

    it("leaves no reason behind where no glass was broken", () => {
      expect(existsSync(file("unused.json"))).to.be.false;
    });

    it("reviewed twice: ALREADY_REVIEWED", async () => {
      await stage.json("emergency review", review("--responder", "2", "--unjustified"));
      const { stdout } = await stage.step("emergency review", review("--responder", "2", "--justified", "--json"));
      expect(stdout).to.include("ALREADY_REVIEWED");
    });
  });

  describe("a key", () => {
    before(async () => {
      await stage.json("key change", home("carol"));
      await stage.json("key confirm", ["--challenge", "5", "--out", file("challenge.json"), ...home("hospital")]);
      await stage.json("key confirm", [
        ...["--answer", file("challenge.json"), "--out", file("answer.json")],
        ...home("carol"),
      ]);
    });

    refused([
      ["changed twice at a time", "KEY_CHANGE_UNDER_WAY", "key change", () => home("carol")],
      ["whose change is called off, and is none", "NO_KEY_CHANGE", "key change", () => ["--cancel", ...home("alice")]],
      [
        "called off with another service",
        "BAD_USAGE",
        "key change",
        () => ["--cancel", "--service", "https://hospital.example", ...home("alice")],
      ],
      [
        "that somebody else answers for",
        "KEY_CHALLENGE_UNANSWERABLE",
        "key confirm",
        () => ["--answer", file("challenge.json"), "--out", file("x.json"), ...home("mallory")],
      ],
      [
        "confirmed to somebody else",
        "KEY_CONFIRMATION_REFUSED",
        "key confirm",
        () => ["--accept", file("answer.json"), ...home("ambulance")],
      ],
      ["challenged nowhere", "BAD_USAGE", "key confirm", () => ["--challenge", "5", ...home("hospital")]],
    ]);
  });

  describe("accounts", () => {
    before(async () => {
      await writeFile(file("no.backup"), "not a backup");
      await stage.json("vault backup", ["--out", file("alice.backup"), ...home("alice")]);
      ({ account: account["again"] } = await stage.json<{ account: string }>("account new", [
        ...["--backup", file("alice.backup"), "--fund"],
        ...home("again"),
      ]));
      const join = (participant: string, out: string, who: string) =>
        stage.json("account add", ["--join", "--participant", participant, "--out", file(out), ...home(who)]);
      await join("4", "joins-bob.json", "again");
      await join("3", "joins-alice.json", "again");
      await join("3", "mallory-joins.json", "mallory");
      await altered("joins-alice.json", "altered.json", (content) => {
        (content["message"] as { participant: number }).participant = 4;
      });
    });

    refused([
      ["of a home that has a vault", "VAULT_EXISTS", "account new", () => home("alice")],
      [
        "of a home that has a vault, from a backup",
        "VAULT_EXISTS",
        "account new",
        () => ["--backup", file("alice.backup"), ...home("alice")],
      ],
      [
        "from a backup that is none",
        "BACKUP_MALFORMED",
        "account new",
        () => ["--backup", file("no.backup"), ...home("new")],
      ],
      [
        "from a backup with another passphrase",
        "WRONG_PASSPHRASE",
        "account new",
        () => ["--backup", file("alice.backup"), ...home("new")],
        { CHARTCHAIN_BACKUP_PASSPHRASE: "wrong" },
      ],
      [
        "that want to act for somebody else",
        "JOINING_SOMEBODY_ELSE",
        "account add",
        () => ["--file", file("joins-bob.json"), "--yes", ...home("alice")],
      ],
      [
        "whose wish was altered",
        "HANDOVER_ALTERED",
        "account add",
        () => ["--file", file("altered.json"), "--yes", ...home("bob")],
      ],
      [
        "that belong to somebody",
        "ALREADY_REGISTERED",
        "account add",
        () => ["--file", file("mallory-joins.json"), "--yes", ...home("alice")],
      ],
      [
        "that nobody confirms",
        "CONFIRMATION_MISSING",
        "account add",
        () => ["--file", file("joins-alice.json"), ...home("alice")],
      ],
      [
        "that say with their wish what they may do",
        "BAD_USAGE",
        "account add",
        () => ["--join", "--participant", "2", "--scope", "owner", "--out", file("x.json"), ...home("again")],
      ],
      ["that join nobody", "BAD_USAGE", "account add", () => ["--join", "--out", file("x.json"), ...home("again")]],
      [
        "that join somebody who isn't there",
        "UNKNOWN_PARTICIPANT",
        "account add",
        () => ["--join", "--participant", "77", "--out", file("x.json"), ...home("again")],
      ],
      [
        "of somebody else, retired",
        "NOT_OWN_ACCOUNT",
        "account retire",
        () => ["--account", account["alice"]!, "--yes", ...home("mallory")],
      ],
      [
        "kept that stay anyway",
        "RETIREMENT_UNCHANGED",
        "account retire",
        () => ["--account", account["alice"]!, "--keep", "--yes", ...home("alice")],
      ],
      [
        "retired, and nobody confirms",
        "CONFIRMATION_MISSING",
        "account retire",
        () => ["--account", account["alice"]!, ...home("alice")],
      ],
    ]);
  });

  describe("guardians", () => {
    const choose = (guardians: string, threshold: string, ...more: string[]) => [
      ...["--guardian", guardians, "--threshold", threshold, "--out", file("unused-guardians.json")],
      ...more,
      ...home("alice"),
    ];

    refused([
      ["that are only one", "GUARDIANS_UNUSABLE", "recovery guardians", () => choose("4", "1", "--yes")],
      ["of whom it takes all", "GUARDIANS_UNUSABLE", "recovery guardians", () => choose("4,5", "2", "--yes")],
      ["who are the person", "GUARDIANS_UNUSABLE", "recovery guardians", () => choose("3,4,5", "2", "--yes")],
      ["who aren't there", "GUARDIANS_UNUSABLE", "recovery guardians", () => choose("4,5,77", "2", "--yes")],
      ["that nobody confirms", "CONFIRMATION_MISSING", "recovery guardians", () => choose("4,5,6", "2")],
      [
        "that are nobody",
        "BAD_USAGE",
        "recovery guardians",
        () => ["--threshold", "1", "--out", file("unused-guardians.json"), ...home("alice")],
      ],
    ]);

    it("that were not chosen leave no file", () => {
      expect(existsSync(file("unused-guardians.json"))).to.be.false;
    });
  });

  describe("a recovery", () => {
    const guardians = (name = "guardians.json") => ["--guardians", file(name)];
    const start = (who: string, to: string, name?: string) => [
      ...[account[to] ?? to, "--yes"],
      ...guardians(name),
      ...home(who),
    ];
    const approve = (who: string, to: string) => [...[account[to] ?? to, "--yes"], ...guardians(), ...home(who)];

    before(async () => {
      const choice = ["--guardian", "4,5,6", "--threshold", "2", "--delay", "1", "--yes"];
      await stage.json("recovery guardians", [...choice, "--out", file("guardians.json"), ...home("alice")]);
      await altered("guardians.json", "other-guardians.json", (content) => {
        (content["guardians"] as { members: number[] }).members = [4, 5, 7];
      });
      await altered("guardians.json", "no-guardians.json", (content) => (content["participant"] = 4));
    });

    describe("before one is open", () => {
      refused([
        ["by who is no guardian", "NOT_A_GUARDIAN", "recovery start", () => start("mallory", "again")],
        [
          "by who made the guardians up",
          "GUARDIANS_MISMATCH",
          "recovery start",
          () => start("mallory", "again", "other-guardians.json"),
        ],
        [
          "of who has no guardians",
          "NO_GUARDIANS",
          "recovery start",
          () => start("carol", "again", "no-guardians.json"),
        ],
        ["with another file", "HANDOVER_WRONG_KIND", "recovery start", () => start("carol", "again", "signed.json")],
        ["for somebody's account", "ALREADY_REGISTERED", "recovery start", () => start("carol", "mallory")],
        [
          "that nobody confirms",
          "CONFIRMATION_MISSING",
          "recovery start",
          () => [NOBODY, ...guardians(), ...home("carol")],
        ],
        ["approved, and is none", "NO_RECOVERY_FOR_ACCOUNT", "recovery approve", () => approve("carol", "again")],
        ["vetoed, and is none", "NO_RECOVERY_RUNNING", "recovery veto", () => ["--yes", ...home("alice")]],
        [
          "executed, and is none",
          "NO_RECOVERY_FOR_ACCOUNT",
          "recovery execute",
          () => ["--yes", ...guardians(), ...home("again")],
        ],
        ["without the guardians' file", "BAD_USAGE", "recovery start", () => [NOBODY, ...home("carol")]],
        ["without an account", "BAD_USAGE", "recovery start", () => [...guardians(), ...home("carol")]],
      ]);
    });

    describe("while one is pending", () => {
      before(async () => {
        await stage.json("recovery start", start("carol", "again"));
        await stage.json("recovery approve", approve("bob", "again"));
      });

      refused([
        ["started again by the same guardian", "RECOVERY_OPEN", "recovery start", () => start("carol", "again")],
        ["approved twice", "ALREADY_APPROVED", "recovery approve", () => approve("bob", "again")],
        ["approved for another account", "NO_RECOVERY_FOR_ACCOUNT", "recovery approve", () => approve("dave", NOBODY)],
        [
          "executed at once",
          "RECOVERY_TOO_EARLY",
          "recovery execute",
          () => ["--yes", ...guardians(), ...home("again")],
        ],
        [
          "and the thief grants",
          "RECOVERY_PENDING",
          "consent grant",
          () => [
            ...["--viewer", "7", "--categories", "SUMMARY", "--purpose", "TREAT", "--days", "1"],
            ...home("alice"),
          ],
        ],
        [
          "and the thief appoints",
          "RECOVERY_PENDING",
          "delegate appoint",
          () => ["--delegate", "7", "--view", "SUMMARY", "--days", "1", "--yes", ...home("alice")],
        ],
        ["and the thief changes the key", "RECOVERY_PENDING", "key change", () => home("alice")],
        [
          "and the thief adds an account",
          "RECOVERY_PENDING",
          "account add",
          () => ["--file", file("joins-alice.json"), "--yes", ...home("alice")],
        ],
        [
          "and the thief chooses guardians",
          "RECOVERY_PENDING",
          "recovery guardians",
          () => [...["--guardian", "4,7", "--threshold", "1", "--out", file("thief.json"), "--yes"], ...home("alice")],
        ],
        [
          "and the thief widens the settings",
          "RECOVERY_PENDING",
          "consent settings",
          () => ["--emergency", "SUMMARY,MEDICATION,CARE", "--yes", ...home("alice")],
        ],
      ]);

      it("vetoed twice: NOT_VETOABLE", async () => {
        await stage.json("recovery veto", ["--yes", ...home("alice")]);
        const { stdout } = await stage.step("recovery veto", ["--yes", "--json", ...home("alice")]);
        expect(stdout).to.include("NOT_VETOABLE");
      });
    });
  });

  describe("what was granted before", () => {
    refused([
      [
        "is granted again without looking, and nobody is named",
        "BAD_USAGE",
        "consent again",
        () => ["--yes", ...home("bob")],
      ],
      [
        "is granted again, and was nothing",
        "NOTHING_TO_GRANT_AGAIN",
        "consent again",
        () => ["--viewer", "1", "--yes", ...home("bob")],
      ],
    ]);
  });
});
