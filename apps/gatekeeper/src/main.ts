#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process, { argv, env, exit, stderr, stdout } from "node:process";

import { ChartChainError, isChartChainError } from "chartchain/errors";
import { Command, Option } from "commander";

import { readConfig } from "./config.js";
import { importFile } from "./import-file.js";
import { logTo } from "./operate/log.js";
import { openGatekeeper, type Surroundings } from "./gatekeeper.js";
import type { Upstream } from "./upstream/upstream.js";

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as {
  version: string;
};

const surroundings: Surroundings = {
  log: logTo(stdout),
  passphrase: async () => secret("passphrase", "CHARTCHAIN_PASSPHRASE"),
  version,
};

const program = new Command("chartchain-gatekeeper")
  .description("Serves a hospital's FHIR data to others, as far as patients' consent on chain goes.")
  .version(version);

program
  .command("start")
  .description("Serve until it is told to stop")
  .requiredOption("--config <file>", "how it is set up")
  .action(async ({ config: path }: { config: string }) => {
    const config = readConfig(path);
    await using gatekeeper = await openGatekeeper(config, surroundings);
    const stopped = new Promise<string>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
    });
    const url = await gatekeeper.app.listen(config.listen);
    surroundings.log("listening", { url, institution: gatekeeper.institution });
    const ended = new AbortController();
    const following = gatekeeper.upstream?.follow(surroundings.log, ended.signal);
    surroundings.log("stopping", { signal: await stopped });
    ended.abort();
    await following;
  });

program
  .command("check")
  .description("Read the configuration, open everything once, and say what is wrong")
  .requiredOption("--config <file>", "how it is set up")
  .action(async ({ config: path }: { config: string }) => {
    await using gatekeeper = await openGatekeeper(readConfig(path), { ...surroundings, log: () => undefined });
    stdout.write(`All is well: the gatekeeper of participant ${gatekeeper.institution} can start.\n`);
  });

program
  .command("import")
  .description("Take one patient's FHIR data into the embedded store, while the service doesn't run")
  .requiredOption("--config <file>", "how it is set up")
  .requiredOption("--patient <id>", "the patient's participant id")
  .argument("<files...>", "FHIR R4 in JSON")
  .action(async (files: string[], { config: path, patient }: { config: string; patient: string }) => {
    await using gatekeeper = await openGatekeeper(readConfig(path), { ...surroundings, log: () => undefined });
    for (const file of files) {
      const { changed, deleted, unchanged } = await importFile(gatekeeper, Number(patient), file);
      stdout.write(`${file}: ${changed} new or changed, ${deleted} deleted, ${unchanged} as they were\n`);
    }
  });

program
  .command("sync")
  .description("Read the hospital's FHIR server once, while the service doesn't run")
  .requiredOption("--config <file>", "how it is set up")
  .option("--again", "all of it, not what changed since the last time: what isn't there any more is found out")
  .action(async ({ config: path, again = false }: { config: string; again?: boolean }) => {
    await withUpstream(path, async (upstream) => {
      const { changed, deleted, unclear, doubtful } = await upstream.sync({ again });
      stdout.write(
        `${changed} new or changed, ${deleted} deleted, ${unclear} of nobody certain, ${doubtful} patients in doubt\n`,
      );
    });
  });

program
  .command("patients")
  .description("List the FHIR server's Patients of whom it isn't certain whose data they are")
  .requiredOption("--config <file>", "how it is set up")
  .option("--all", "the others, too")
  .action(async ({ config: path, all = false }: { config: string; all?: boolean }) => {
    await withUpstream(path, async (upstream) => {
      for (const { id, state, participant, candidates, doubts } of await upstream.people.list()) {
        if (!all && state !== "doubtful") continue;
        const shown = participant === undefined ? "nobody's" : `participant ${participant}'s`;
        const named = candidates.length === 0 ? "" : `; names ${candidates.join(", ")}`;
        stdout.write(`Patient/${id}: ${[state, ...doubts].join(", ")}; ${shown}${named}\n`);
      }
    });
  });

program
  .command("confirm")
  .description("Say whose data a Patient of the FHIR server is, after a person found out")
  .requiredOption("--config <file>", "how it is set up")
  .requiredOption("--id <id>", "of the Patient")
  .addOption(new Option("--participant <id>", "whose data it is").argParser(Number).conflicts("nobody"))
  .option("--nobody", "nobody's who is a participant: only the hospital's own staff sees it")
  .requiredOption("--reason <text>", "why, in 1 to 200 characters; kept")
  .action(async (given: { config: string; id: string; participant?: number; nobody?: true; reason: string }) => {
    const { config: path, id, participant, reason } = given;
    if (participant === undefined && given.nobody !== true) program.error("Say --participant or --nobody.");
    await withUpstream(path, async (upstream) => {
      const person = await upstream.confirm(id, { participant, reason });
      const shown = person.participant === undefined ? "nobody's" : `participant ${person.participant}'s`;
      stdout.write(`Patient/${id} is ${shown}: ${person.state}\n`);
    });
  });

try {
  await program.parseAsync(argv);
} catch (error) {
  if (!isChartChainError(error)) throw error;
  stderr.write(`${error.code}: ${error.message}\n${error.hint === undefined ? "" : `${error.hint}\n`}`);
  exit(1);
}

/** Opens the gatekeeper without serving, for what is done with the hospital's FHIR server. */
async function withUpstream(path: string, work: (upstream: Upstream) => Promise<void>): Promise<void> {
  await using gatekeeper = await openGatekeeper(readConfig(path), { ...surroundings, log: () => undefined });
  if (gatekeeper.upstream === undefined) {
    throw new ChartChainError("GATEKEEPER_MISCONFIGURED", `${path} names no upstream`, {
      hint: "Name the hospital's FHIR server under upstream.",
    });
  }
  await work(gatekeeper.upstream);
}

/** A secret, as systemd hands it over, or in a variable. Source: https://systemd.io/CREDENTIALS/ */
function secret(name: string, variable: string): string {
  const folder = env["CREDENTIALS_DIRECTORY"];
  const given = env[variable];
  if (folder !== undefined) return readFileSync(join(folder, name), "utf8").replace(/\r?\n$/, "");
  if (given !== undefined) return given;
  stderr.write(`There is no ${name}: hand it over as the credential ${name}, or in ${variable}.\n`);
  exit(1);
}
