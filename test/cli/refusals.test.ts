import { existsSync } from "node:fs";
import { chmod, mkdir, open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import { Wallet } from "ethers";

import { parseDeployment, type Deployment } from "../../src/sdk/index.js";
import { openVault, vaultDirectory } from "../../src/vault/node/index.js";
import { takeStep } from "./take-step.js";
import { ROOT, startNode } from "./local-node.js";
import { createStage, PASSPHRASE, type Environment, type Outcome, type Stage } from "./run-step.js";

/** A step that must fail: what goes wrong, how it is run, the code it ends with. */
interface Case {
  says: string;
  code: string;
  step: string;
  args: () => string[];
  environment?: () => Environment;
}

const BUNDLE = join(ROOT, "node_modules/hl7.fhir.uv.ips/example/Bundle-bundle-minimal.json");
const KEY = Wallet.createRandom().privateKey;

describe("steps that are refused", () => {
  let stage: Stage;
  let deployment: Deployment;
  const home = (name: string) => ["--home", stage.at(name)];
  const file = (name: string) => stage.at("files", name);

  const cases: Case[] = [
    { says: "a flag that doesn't exist", code: "BAD_USAGE", step: "relay", args: () => ["--fiel", "a.json"] },
    { says: "a passphrase as a flag", code: "BAD_USAGE", step: "relay", args: () => [`--passphrase=${PASSPHRASE}`] },
    {
      says: "an end that is said twice",
      code: "BAD_USAGE",
      step: "relationship propose",
      args: () => ["--patient", "2", "--days", "1", "--until", "2040-01-01"],
    },
    {
      says: "a grant without an end",
      code: "BAD_USAGE",
      step: "consent grant",
      args: () => ["--viewer", "1", "--categories", "CARE", "--purpose", "TREAT"],
    },
    {
      says: "a revocation of one grant that doesn't say over whose records",
      code: "BAD_USAGE",
      step: "consent revoke",
      args: () => ["--viewer", "1", "--purpose", "TREAT"],
    },
    {
      says: "a URL at which no chain answers",
      code: "CHAIN_UNREACHABLE",
      step: "relationship pending",
      args: () => ["--rpc", "http://127.0.0.1:9/v3/access-key", ...home("hospital")],
    },
    {
      says: "a chain that nothing was deployed to",
      code: "DEPLOYMENT_NOT_FOUND",
      step: "relationship pending",
      args: () => ["--deployment", stage.at("nowhere.json"), ...home("hospital")],
    },
    {
      says: "a deployment on another chain",
      code: "WRONG_CHAIN",
      step: "relationship pending",
      args: () => ["--deployment", file("other-chain.json"), ...home("hospital")],
    },
    {
      says: "a deployment whose contracts aren't there",
      code: "CONTRACTS_NOT_DEPLOYED",
      step: "relationship pending",
      args: () => ["--deployment", file("no-contracts.json"), ...home("hospital")],
    },
    {
      says: "a home folder that isn't there",
      code: "HOME_NOT_FOUND",
      step: "relationship pending",
      args: () => home("hopsital"),
    },
    {
      says: "a home folder without a wallet",
      code: "WALLET_NOT_FOUND",
      step: "relationship pending",
      args: () => home("empty"),
    },
    {
      says: "a home folder that others may enter",
      code: "HOME_NOT_PRIVATE",
      step: "relationship pending",
      args: () => home("open"),
    },
    {
      says: "a wallet that is none",
      code: "WALLET_INVALID",
      step: "relationship pending",
      args: () => ["--wallet", BUNDLE, ...home("hospital")],
    },
    {
      says: "a key that is none",
      code: "KEY_INVALID",
      step: "relationship pending",
      args: () => home("hospital"),
      environment: () => ({ CHARTCHAIN_KEY: `${KEY}00` }),
    },
    {
      says: "a wrong passphrase for the wallet",
      code: "WRONG_PASSPHRASE",
      step: "relay",
      args: () => ["--file", file("no-contracts.json"), ...home("hospital")],
      environment: () => ({ CHARTCHAIN_PASSPHRASE: "wrong" }),
    },
    {
      says: "a wrong passphrase for the vault",
      code: "WRONG_PASSPHRASE",
      step: "relationship pending",
      args: () => home("hospital"),
      environment: () => ({ CHARTCHAIN_PASSPHRASE: "wrong" }),
    },
    {
      says: "no passphrase where nobody can be asked",
      code: "PASSPHRASE_MISSING",
      step: "relationship pending",
      args: () => home("hospital"),
      environment: () => ({ CHARTCHAIN_PASSPHRASE: "" }),
    },
    {
      says: "an account that can't pay",
      code: "NO_FUNDS",
      step: "account register-patient",
      args: () => home("poor"),
    },
    {
      says: "a second registration of an account",
      code: "ALREADY_REGISTERED",
      step: "account register-provider",
      args: () => ["--name", "Another Name", ...home("hospital")],
    },
    {
      says: "a licence for somebody who isn't there",
      code: "UNKNOWN_PARTICIPANT",
      step: "authority license",
      args: () => ["--institution", "77"],
    },
    {
      says: "a proposal by an institution that isn't licensed",
      code: "NOT_A_LICENSED_PROVIDER",
      step: "relationship propose",
      args: () => ["--patient", "2", "--terms", stage.at("terms.json"), ...home("hospital")],
    },
    {
      says: "an answer to a proposal that nobody made",
      code: "NOT_PROPOSED",
      step: "relationship approve",
      args: () => ["--provider", "1", "--yes", ...home("alice")],
    },
    {
      says: "a record for somebody without a relationship",
      code: "NOT_AN_ACTIVE_STEWARD",
      step: "record add",
      args: () => ["--patient", "2", "--input", BUNDLE, ...home("hospital")],
    },
    {
      says: "a viewer who isn't there",
      code: "UNKNOWN_PARTICIPANT",
      step: "consent grant",
      args: () => ["--viewer", "77", "--categories", "CARE", "--purpose", "TREAT", "--days", "1", ...home("alice")],
    },
    {
      says: "a delivery of keys that the vault doesn't hold",
      code: "NO_KEYS",
      step: "consent grant",
      args: () => [
        ...["--viewer", "1", "--categories", "CARE", "--purpose", "TREAT", "--days", "1"],
        ...["--deliver", file("keys.json"), ...home("alice")],
      ],
    },
    {
      says: "the history of somebody who isn't there",
      code: "UNKNOWN_PARTICIPANT",
      step: "record verify",
      args: () => ["--patient", "77", ...home("alice")],
    },
    {
      says: "a record that the vault doesn't hold",
      code: "RECORD_UNKNOWN",
      step: "record open",
      args: () => ["--digest", "0x0123456789", ...home("alice")],
    },
    {
      says: "an erasure that nobody confirms",
      code: "CONFIRMATION_MISSING",
      step: "record shred",
      args: () => ["--digest", `0x${"01".repeat(32)}`, ...home("alice")],
    },
    {
      says: "an input that isn't JSON",
      code: "NOT_JSON",
      step: "record add",
      args: () => ["--patient", "2", "--input", file("not.json"), ...home("alice")],
    },
    {
      says: "an input of 200 MB",
      code: "FHIR_FILE_TOO_LARGE",
      step: "record add",
      args: () => ["--patient", "2", "--input", file("huge.json"), ...home("alice")],
    },
    {
      says: "a file that isn't there",
      code: "FILE_UNREADABLE",
      step: "relay",
      args: () => ["--file", file("nothing.json"), ...home("hospital")],
    },
    {
      says: "a handover file that isn't JSON",
      code: "FILE_NOT_JSON",
      step: "relay",
      args: () => ["--file", file("not.json"), ...home("hospital")],
    },
    {
      says: "a handover file that is none",
      code: "HANDOVER_MALFORMED",
      step: "record take",
      args: () => [BUNDLE, ...home("alice")],
    },
    {
      says: "a signed action where records are expected",
      code: "HANDOVER_WRONG_KIND",
      step: "record take",
      args: () => [file("signed.json"), ...home("alice")],
    },
    {
      says: "a signed action that was altered",
      code: "HANDOVER_ALTERED",
      step: "relay",
      args: () => ["--file", file("altered.json"), ...home("hospital")],
    },
    {
      says: "a file that would be overwritten",
      code: "FILE_EXISTS",
      step: "account register-patient",
      args: () => ["--sign", file("signed.json"), ...home("bob")],
    },
    {
      says: "a file in a folder that isn't there",
      code: "FILE_UNWRITABLE",
      step: "account register-patient",
      args: () => ["--sign", stage.at("nowhere", "signed.json"), ...home("bob")],
    },
  ];

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", []);
    await Promise.all([mkdir(stage.at("files")), mkdir(stage.at("empty"), { mode: 0o700 }), mkdir(stage.at("open"))]);
    await chmod(stage.at("open"), 0o755);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("account register-patient", ["--fund", ...home("alice")]);
    await stage.json("account register-patient", ["--sign", file("signed.json"), ...home("bob")]);
    await writeFiles();
    // Two at a time, but never two on the vault of one actor.
    const ofAlice = (i: number) => cases[i]!.args().includes(stage.at("alice"));
    const numbers = cases.map((_, i) => i);
    await Promise.all([runAll(numbers.filter(ofAlice)), runAll(numbers.filter((i) => !ofAlice(i)))]);
  });

  after(() => stage.close());

  const outcomes: Outcome[] = [];

  async function runAll(numbers: readonly number[]): Promise<void> {
    for (const i of numbers) {
      const { step, args, environment } = cases[i]!;
      outcomes[i] = await stage.step(step, [...args(), "--json"], environment?.());
    }
  }

  async function writeFiles(): Promise<void> {
    deployment = parseDeployment(JSON.parse(await readFile(stage.environment["CHARTCHAIN_DEPLOYMENT"]!, "utf8")));
    const nobody = `0x${"1234".repeat(10)}`;
    const contracts = Object.fromEntries(Object.keys(deployment.contracts).map((name) => [name, nobody]));
    await writeFile(file("no-contracts.json"), JSON.stringify({ ...deployment, contracts }));
    await writeFile(file("other-chain.json"), JSON.stringify({ ...deployment, chainId: 1 }));
    await writeFile(file("not.json"), '{ "resourceType": "Bundle", ');
    const huge = await open(file("huge.json"), "w");
    await huge.truncate(200_000_000);
    await huge.close();
    const signed = JSON.parse(await readFile(file("signed.json"), "utf8")) as { message: { deadline: number } };
    signed.message.deadline += 1;
    await writeFile(file("altered.json"), JSON.stringify(signed));
  }

  cases.forEach(({ says, code }, i) => {
    it(`${says}: ${code}`, () => {
      const { code: exit, stdout, stderr } = outcomes[i]!;
      const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string; where: string } };
      expect(error.code, error.message).to.equal(code);
      expect(exit).to.equal(code === "BAD_USAGE" ? 2 : 1);
      expect(stderr).to.equal("");
      expect(error.hint).to.match(/\S/);
      expect(error.where).to.include(cases[i]!.step);
      if (error.code === "CHAIN_UNREACHABLE") expect(error.hint).to.include("chartchain network start");
      for (const secret of [PASSPHRASE, KEY.slice(2), "access-key", "    at "]) expect(stdout).not.to.include(secret);
    });
  });

  it("leaves nothing half-done behind", async () => {
    const files = [...(await readdir(stage.at("files"))), ...(await readdir(stage.folder))];
    expect(files.filter((name) => name.endsWith(".partial"))).to.be.empty;
    expect(existsSync(file("keys.json")), "no file of a delivery that failed").to.be.false;
    expect(existsSync(stage.at("hopsital")), "no home folder of a wrong name").to.be.false;
    const pending = await stage.json<{ pending: unknown[] }>("relationship pending", home("alice"));
    expect(pending.pending).to.be.empty;
  });

  it("an error for a person is one block with place, hint and code, and no stack trace", async () => {
    const { code, stdout, stderr } = await stage.step("record verify", ["--patient", "77", ...home("alice")]);
    expect(code).to.equal(1);
    expect(stdout).to.equal("");
    expect(stderr.trim().split("\n")).to.deep.equal([
      "✘ there is no participant 77",
      `  where record verify, node 127.0.0.1:${stage.node.port}`,
      "  hint  Check the number; participants are counted from 1.",
      "  code  UNKNOWN_PARTICIPANT",
    ]);
  });

  it("a stack trace is printed for who asks for it", async () => {
    const { stderr } = await stage.step("record verify", ["--patient", "77", ...home("alice")], {
      CHARTCHAIN_DEBUG: "1",
    });
    expect(stderr).to.match(/\n\s+at /);
  });

  it("a word, a value or an order that isn't right is told what was meant", async () => {
    const purpose = ["1", "--categories", "SUMMARY", "--purpose", "TREATMENT", "--days", "1", ...home("alice")];
    for (const [line, said] of [
      [["grant"], "Did you mean chartchain consent grant?"],
      [["revoke", "2"], "Did you mean chartchain consent revoke?"],
      [["--profile", "alice", "whoami"], "the command comes before its flags"],
      [["consent", "grant", ...purpose], "--purpose: did you mean TREAT?"],
      [["status", "--home", stage.at("nobody")], "chartchain init NAME"],
    ] as const) {
      if (line[0] === "status") await stage.json("account new", home("nobody"));
      const { code, stderr } = await takeStep(line, stage.environment);
      expect(code, stderr).to.equal(line[0] === "status" ? 1 : 2);
      expect(stderr).to.include(said);
    }
  });

  it("a vault that another process has open: VAULT_IN_USE", async () => {
    const { chainId, genesisHash, contracts } = deployment;
    const vault = await openVault({
      directory: vaultDirectory(stage.at("alice"), BigInt(chainId)),
      chain: { chainId: BigInt(chainId), genesisHash, contracts },
      passphrase: PASSPHRASE,
    });
    const { code, stderr } = await stage.process("relationship pending", home("alice"));
    expect(code).to.equal(1);
    expect(stderr).to.include("VAULT_IN_USE");
    // What another command needs for a moment is waited for.
    const waiting = stage.step("relationship pending", home("alice"));
    await sleep(500);
    vault.close();
    expect((await waiting).stderr).to.equal("");
  });

  it("after the chain was restarted, the old deployment and then the old vault are refused", async () => {
    const { port } = stage.node;
    await stage.node.stop();
    Object.assign(stage.node, await startNode({ port }));
    const old = await stage.step("relationship pending", home("alice"));
    expect(old.stderr).to.include("CHAIN_RESTARTED");
    expect(await stage.json("network deploy", [])).to.include({ deployed: true });
    expect(await stage.json("network deploy", [])).to.include({ deployed: false });
    const { code, stderr } = await stage.step("account register-patient", ["--fund", ...home("alice")]);
    expect(code).to.equal(1);
    expect(stderr).to.include("VAULT_OTHER_CHAIN").and.include("31337.old");
  });
});
