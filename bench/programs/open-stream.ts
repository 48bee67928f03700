import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import {
  createManifest,
  decodeManifest,
  encodeManifest,
  openRecordStream,
  sealRecord,
} from "../../src/crypto/index.js";
import { createEmbeddedStore } from "../../src/storage/node/index.js";
import { given, report } from "../lib/child.js";
import { peakResident } from "../lib/resident.js";
import { ratios } from "../lib/statistics.js";
import { hashAlone, plaintext, readAlone } from "../lib/stream.js";
import { rate } from "../lib/timing.js";

interface Input {
  mebibytes: number;
  repetitions: number;
  /** Given to the process that seals what this one opens, so that this one's memory is that of opening alone. */
  seal?: string;
}

const input = given<Input>();
const size = input.mebibytes * 2 ** 20;

if (input.seal === undefined) await measure();
else process.stdout.write(JSON.stringify(await seal(input.seal)));

async function seal(directory: string): Promise<{ manifest: string; dek: string; cid: string }> {
  const store = await createEmbeddedStore({ directory, participant: "1" });
  const sealed = sealRecord({ source: plaintext(size), size });
  const { cid } = await store.put(sealed.ciphertext, { pin: true });
  const manifest = createManifest({
    ...sealed,
    sha256: sealed.sha256(),
    patient: 1,
    steward: 2,
    author: 2,
    category: 3,
    mediaType: "application/dicom",
    createdAt: 1_800_000_000,
  });
  return { manifest: hex(encodeManifest(manifest)), dek: hex(sealed.dek), cid };
}

async function measure(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "chartchain-bench-"));
  try {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), JSON.stringify({ ...input, seal: directory })];
    const sealed = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Record<string, string>;
    const dek = bytes(sealed["dek"]!);
    const manifest = decodeManifest(bytes(sealed["manifest"]!));
    const store = await createEmbeddedStore({ directory, participant: "1" });

    const sha256: number[] = [];
    const opened: number[] = [];
    const disk: number[] = [];
    for (let i = 0; i < input.repetitions; i++) {
      const before = await rate(size, () => hashAlone(size));
      opened.push(
        await rate(size, async () => {
          let seen = 0;
          const ciphertext = store.get(sealed["cid"]!);
          for await (const chunk of openRecordStream({ ciphertext, dek, manifest })) seen += chunk.length;
          if (seen !== size) throw new Error(`${seen} bytes came instead of ${size}`);
        }),
      );
      sha256.push((before + (await rate(size, () => hashAlone(size)))) / 2);
      disk.push(await rate(size, () => readAlone(join(directory, "blocks"))));
    }
    const ratio = ratios(opened, sha256).map((part) => 100 * part);
    report({ samples: { sha256, rate: opened, disk, ratio, resident: [peakResident()] } });
  } finally {
    await rm(directory, { recursive: true });
  }
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}
