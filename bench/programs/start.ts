import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { TourReport } from "../../tour/run.js";
import { given, report } from "../lib/child.js";
import { timed } from "../lib/timing.js";

const ROOT = join(import.meta.dirname, "..", "..");

const FOLDERS: Readonly<Record<string, string>> = {
  ips: join(dirname(fileURLToPath(import.meta.resolve("hl7.fhir.uv.ips/package.json"))), "example"),
  synthea: join(ROOT, "..", "shared", "data", "fhir", "synthea"),
};

const { bundle, repetitions } = given<{ bundle: "ips" | "synthea"; repetitions: number }>();
const input = await largest(FOLDERS[bundle]!, bundle === "ips" ? /^Bundle-.*\.json$/ : /\.json$/);
if (input === undefined) report({ skipped: `no ${bundle} bundle lies beside the project` });
else await measure(input);

async function measure(path: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "chartchain-bench-"));
  const json = join(folder, "report.json");
  try {
    const seconds: number[] = [];
    const records: number[] = [];
    for (let i = 0; i < repetitions; i++) {
      seconds.push(
        (await timed(() => npm(["start", "--ignore-scripts", "--", "--input", path, "--json", json]))) / 1_000,
      );
      const tour = JSON.parse(await readFile(json, "utf8")) as TourReport;
      records.push(tour.records);
    }
    report({ samples: { seconds, records } });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The largest file of a folder: the one that has to be quick enough. */
async function largest(folder: string, name: RegExp): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  const paths = names.filter((each) => name.test(each)).map((each) => join(folder, each));
  const files = await Promise.all(paths.map(async (path) => ({ path, size: (await stat(path)).size })));
  return files.sort((a, b) => b.size - a.size)[0]?.path;
}

/** Without the scripts around it: installing is no part of what is measured. */
async function npm(args: readonly string[]): Promise<void> {
  const child = spawn("npm", args, { cwd: ROOT, stdio: "ignore", shell: process.platform === "win32" });
  const code = await new Promise((resolve, reject) => child.on("exit", resolve).on("error", reject));
  if (code !== 0) throw new Error(`npm start ended with code ${String(code)}`);
}
