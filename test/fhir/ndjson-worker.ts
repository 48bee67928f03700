import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, memoryUsage } from "node:process";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { splitIntoRecords } from "../../src/fhir/index.js";
import { parseFhirFolder } from "../../src/fhir/node/index.js";

const PATIENTS = 200;
/** Records are made of these; that takes far longer than reading. */
const SPLIT = 5;

/**
 * A process of its own: writes an export of so many MiB, reads it, makes records of some patients one after another,
 * looks at every resource of the others, and prints what it saw and how many bytes it held at the most, garbage apart.
 */
async function run(mebibytes: number): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "chartchain-ndjson-"));
  try {
    const bytes = await writeExport(dir, mebibytes * 1024 * 1024);
    const { look, peak } = watchHeld();
    const watching = setInterval(look, 100);
    const { patients } = await parseFhirFolder(dir, { validate: false });
    clearInterval(watching);
    look();
    let [records, resources] = [0, 0];
    for (const { inputs } of patients.slice(0, SPLIT)) {
      records += inputs.flatMap((parsed) => splitIntoRecords(parsed)).length;
      look();
    }
    for (const { inputs } of patients) {
      for (const { entries } of inputs) {
        for (const { resource } of entries) resources += resource.resourceType === "Observation" ? 1 : 0;
      }
    }
    look();
    console.log(JSON.stringify({ bytes, patients: patients.length, records, resources, held: peak() }));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function watchHeld(): { look: () => void; peak: () => number } {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const held = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = held();
  let peak = 0;
  return { look: () => void (peak = Math.max(peak, held() - before)), peak: () => peak };
}

/** Observations of all patients, one after another, as a server writes them. */
async function writeExport(dir: string, size: number): Promise<number> {
  const file = createWriteStream(join(dir, "Observation.ndjson"));
  const note = [{ text: "as measured ".repeat(700) }];
  let bytes = 0;
  for (let at = 0; bytes < size; at++) {
    const subject = { reference: `Patient/p${at % PATIENTS}` };
    const more = { status: "final", code: { text: "Body weight" }, valueQuantity: { value: at }, note };
    const line = `${JSON.stringify({ resourceType: "Observation", id: `o${at}`, subject, ...more })}\n`;
    bytes += line.length;
    if (!file.write(line)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
  return bytes;
}

// Mocha and Hardhat load every file under test/; only a process started on this file writes anything.
if (argv[1] === fileURLToPath(import.meta.url)) await run(Number(argv[2]));
