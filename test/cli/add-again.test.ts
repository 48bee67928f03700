import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { splitIntoRecords } from "../../src/fhir/index.js";
import { parseFhirFile } from "../../src/fhir/node/index.js";
import { startProxy, type Request } from "../sdk/proxy.js";
import { asProcess, createStage, PASSPHRASE, type Outcome, type Stage } from "./run-step.js";
import { hasTerminal, onTerminal } from "./terminal.js";
import { ROOT } from "./local-node.js";

const ENCOUNTERS = 10;

/** A patient with some encounters, in each of which something was measured. */
function bundleOf(name: string): unknown {
  const encounters = Array.from({ length: ENCOUNTERS }, (_, at) => at + 1);
  const entry = [
    {
      resourceType: "Patient",
      id: "p",
      name: [{ family: name }],
      birthDate: "1970-01-01",
      identifier: [{ system: "urn:oid:1.2.3", value: name }],
    },
    ...encounters.flatMap((at) => [
      {
        resourceType: "Encounter",
        id: `e${at}`,
        status: "finished",
        class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
        subject: { reference: "Patient/p" },
        period: { start: `2024-01-${10 + at}T10:00:00Z` },
      },
      {
        resourceType: "Observation",
        id: `o${at}`,
        status: "final",
        code: { coding: [{ system: "http://loinc.org", code: "8867-4", display: "Heart rate" }] },
        subject: { reference: "Patient/p" },
        encounter: { reference: `Encounter/e${at}` },
        effectiveDateTime: `2024-01-${10 + at}T10:05:00Z`,
        valueQuantity: { value: 60 + at, unit: "/min", system: "http://unitsofmeasure.org", code: "/min" },
      },
    ]),
  ].map((resource) => ({ fullUrl: `http://example.org/fhir/${resource.resourceType}/${resource.id}`, resource }));
  return { resourceType: "Bundle", type: "collection", entry };
}

type Moment = (request: Request) => boolean | Promise<boolean>;

describe("add-record.ts, run again", () => {
  let stage: Stage;
  let total: number;
  const home = (name: string) => ["--home", stage.at(name)];
  const PATIENTS = { alice: 2, bob: 3, carol: 4, dora: 5 };
  const importOf = (name: keyof typeof PATIENTS) => [
    ...["--patient", String(PATIENTS[name]), "--input", stage.at(`${name}.json`)],
    ...home("hospital"),
  ];

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", []);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("authority license", ["--institution", "1", "--roles", "PROVIDER", "--days", "365"]);
    for (const [name, id] of Object.entries(PATIENTS)) {
      await stage.json("account register-patient", ["--fund", ...home(name)]);
      const terms = ["--terms", stage.at(`terms-${name}.json`)];
      await stage.json("relationship propose", [
        "--patient",
        String(id),
        "--days",
        "365",
        ...terms,
        ...home("hospital"),
      ]);
      await stage.json("relationship approve", ["--provider", "1", "--yes", ...terms, ...home(name)]);
      await writeFile(stage.at(`${name}.json`), JSON.stringify(bundleOf(name)));
    }
    total = splitIntoRecords(await parseFhirFile(stage.at("alice.json"))).length;
    expect(total).to.be.at.least(2 * ENCOUNTERS);
  });
  after(() => stage.close());

  const imported = (name: keyof typeof PATIENTS, signal?: NodeJS.Signals, isMoment?: Moment) =>
    interrupted("record add", importOf(name), signal, isMoment);

  /** Takes a step in a process of its own, which gets a signal at the first of its requests that a moment is true of. */
  async function interrupted(
    step: string,
    words: readonly string[],
    signal?: NodeJS.Signals,
    isMoment: Moment = () => false,
  ): Promise<Outcome> {
    const proxy = await startProxy(stage.node.url);
    const [program, args] = asProcess(step, words);
    const settings = { ...stage.environment, CHARTCHAIN_RPC: proxy.url, NO_COLOR: "1" };
    const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...settings } });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].on("data", (chunk: Buffer) => void (said[stream] += chunk.toString("utf8")));
    }
    let isOver = false;
    proxy.rewrite = async (request) => {
      if (isOver || !(await isMoment(request))) return;
      isOver = true;
      child.kill(signal);
      // Until then the process has heard of it.
      await sleep(500);
    };
    const [code] = (await once(child, "close")) as [number | null];
    await proxy.close();
    return { code: code ?? -1, ...said };
  }
  const filesInStore = async () => (await readdir(stage.at("deployments", "31337-ipfs"), { recursive: true })).length;

  const listed = async (name: keyof typeof PATIENTS) => {
    const { records } = await stage.json<{ records: { patient: number; unfinished: boolean; index: number }[] }>(
      "record list",
      ["--all", ...home("hospital")],
    );
    return records.filter(({ patient }) => patient === PATIENTS[name]);
  };
  const expectWhole = async (name: keyof typeof PATIENTS) => {
    const records = await listed(name);
    expect(records).to.have.length(total);
    expect(new Set(records.map(({ index }) => index)).size, "places in the history").to.equal(total);
    expect(records.filter(({ unfinished }) => unfinished)).to.deep.equal([]);
    const history = await stage.json<{ count: number; complete: boolean }>("record verify", [
      ...["--patient", String(PATIENTS[name]), ...home("hospital")],
    ]);
    expect(history).to.include({ complete: true });
  };

  it("adds nothing when it is interrupted while it seals, and all of it when it is run again", async () => {
    const before = await filesInStore();
    const { code, stdout, stderr } = await imported("alice", "SIGINT", async () => (await filesInStore()) > before);
    expect(code, stderr).to.equal(130);
    expect(stdout).to.equal("");
    expect(stderr).to.include(`interrupted: 0 of ${total} records are in the chart`);
    expect(stderr).to.include("INTERRUPTED").and.include("Run the same again: it goes on there");

    const again = await stage.step("record add", [...importOf("alice"), "--deliver", stage.at("for-alice.json")]);
    expect(again.code, again.stderr).to.equal(0);
    expect(again.stdout).to.include(`Added ${total} records for patient 2`);
    await expectWhole("alice");
    // The one delivery has what both runs added.
    const narrow = { COLUMNS: "80" };
    const taken = await stage.step("record take", [stage.at("for-alice.json"), ...home("alice")], narrow);
    expect(taken.stdout).to.include(`${total} new records`);
    const shown = await stage.step("record list", ["--all", ...home("alice")], narrow);
    for (const row of shown.stdout.match(/^[┌│├└].*/gm) ?? []) expect(row.length, row).to.be.at.most(80);
    expect(shown.stdout).to.match(/│ 0x[0-9a-f]{10}… │ \d{4}-\d\d-\d\d │ Observation: .*\n.*│ OBSERVATION by 1 /);
  });

  it("says of a grant that is interrupted whether it was sent and what to do then, and leaves no half of a file", async () => {
    const grant = ["3", "--categories", "OBSERVATION", "--purpose", "TREAT", "--days", "30", ...home("alice")];
    const deliver = ["--deliver", stage.at("for-bob.json")];
    const unsent = await interrupted("consent grant", [...grant, ...deliver], "SIGINT", ({ method }) => {
      return method === "eth_estimateGas";
    });
    expect(unsent).to.include({ code: -1, stdout: "" });
    expect(unsent.stderr).to.include("Interrupted: nothing was sent.");
    const sent = await interrupted("consent grant", [...grant, ...deliver], "SIGINT", ({ method }) => {
      return method === "eth_getTransactionReceipt";
    });
    expect(sent).to.include({ code: -1, stdout: "" });
    expect(sent.stderr).to.include("1 transaction had been sent: it counts, or soon will.");
    expect((await readdir(stage.folder)).filter((name) => /for-bob/.test(name))).to.deep.equal([]);
    // What it says to do does it.
    const [list, keys] = [...sent.stderr.matchAll(/chartchain (.*)/g)].map(([, line]) => line!.split(" "));
    const listed = await stage.step(list!.slice(0, 2).join(" "), list!.slice(2));
    expect(listed.stdout, listed.stderr).to.include("participant 3");
    const written = await stage.step(keys!.slice(0, 2).join(" "), keys!.slice(2));
    expect(written.stdout, written.stderr).to.include("Wrote the delivery for participant 3");
  });

  it("says that it reads, and ends at once where it is interrupted meanwhile", async function () {
    if (!hasTerminal()) {
      console.log("      skipped: this machine has no `script` of util-linux, which gives a process a terminal");
      this.skip();
    }
    const { code, screen } = await onTerminal(stage, "record add", importOf("bob"), [
      ["Passphrase", PASSPHRASE],
      ["Reading ", "\x03"],
    ]);
    expect(screen).to.include("Interrupted: nothing was sent.").and.not.include("Adding records");
    expect(code).to.equal(130);
  });

  it("adds nothing and succeeds when all of it is there, also where the patient has everything", async () => {
    const deliver = ["--deliver", stage.at("for-alice-again.json")];
    const { code, stdout, stderr } = await stage.step("record add", [...importOf("alice"), ...deliver]);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include(`Added 0 records, ${total} already there`).and.include("no delivery was written");
    await expectWhole("alice");
  });

  for (const [name, method, there] of [
    ["bob", "eth_sendRawTransaction", false],
    ["dora", "eth_getTransactionReceipt", true],
  ] as const) {
    it(`goes on where it was killed, when it asked the node for ${method}`, async () => {
      expect((await imported(name, "SIGKILL", (request) => request.method === method)).code).to.equal(-1);
      const { records, alreadyThere } = await stage.json<Record<"records" | "alreadyThere", object[]>>(
        "record add",
        importOf(name),
      );
      expect(records.length + alreadyThere.length).to.equal(total);
      if (there) expect(alreadyThere).to.have.length(total);
      await expectWhole(name);
    });
  }

  it("by two at once makes each record once", async () => {
    const outcomes = await Promise.all([imported("carol"), imported("carol")]);
    for (const { code, stderr } of outcomes) if (code !== 0) expect(stderr).to.include("VAULT_IN_USE");
    expect(outcomes.map(({ code }) => code)).to.include(0);
    await expectWhole("carol");
  });

  it("with --again adds all of it once more", async () => {
    const { records, transactions } = await stage.json<{
      records: { transaction: string }[];
      transactions: { hash: string; gas: number }[];
    }>("record add", [...importOf("carol"), "--again"]);
    expect(records).to.have.length(total);
    // Each leads to what its batch took.
    expect(transactions).to.have.length(1);
    expect(transactions[0]!.gas).to.be.greaterThan(21_000);
    expect(new Set(records.map(({ transaction }) => transaction))).to.deep.equal(new Set([transactions[0]!.hash]));
    expect(await listed("carol")).to.have.length(2 * total);
  });
});
