#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process, { argv, env, exit, stderr, stdout } from "node:process";

import { isChartChainError } from "chartchain/errors";
import { Command } from "commander";

import { readConfig } from "./config.js";
import { importFile } from "./import-file.js";
import { logTo } from "./operate/log.js";
import { openGatekeeper, type Surroundings } from "./gatekeeper.js";

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
    surroundings.log("stopping", { signal: await stopped });
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

try {
  await program.parseAsync(argv);
} catch (error) {
  if (!isChartChainError(error)) throw error;
  stderr.write(`${error.code}: ${error.message}\n${error.hint === undefined ? "" : `${error.hint}\n`}`);
  exit(1);
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
