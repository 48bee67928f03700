import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sealRecord } from "../../src/crypto/index.js";
import { createEmbeddedStore } from "../../src/storage/node/index.js";
import { given, report } from "../lib/child.js";
import { peakResident } from "../lib/resident.js";
import { ratios } from "../lib/statistics.js";
import { hashAlone, plaintext, writeAlone } from "../lib/stream.js";
import { rate } from "../lib/timing.js";

const { mebibytes, repetitions } = given<{ mebibytes: number; repetitions: number }>();
const size = mebibytes * 2 ** 20;
const sha256: number[] = [];
const sealed: number[] = [];
const disk: number[] = [];

for (let i = 0; i < repetitions; i++) {
  const folder = await mkdtemp(join(tmpdir(), "chartchain-bench-"));
  try {
    const before = await rate(size, () => hashAlone(size));
    const store = await createEmbeddedStore({ directory: join(folder, "ipfs"), participant: "1" });
    sealed.push(
      await rate(size, () => store.put(sealRecord({ source: plaintext(size), size }).ciphertext, { pin: true })),
    );
    sha256.push((before + (await rate(size, () => hashAlone(size)))) / 2);
    await rm(join(folder, "ipfs"), { recursive: true });
    disk.push(await rate(size, () => writeAlone(join(folder, "plain"), size)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

report({
  samples: {
    sha256,
    rate: sealed,
    disk,
    ratio: ratios(sealed, sha256).map((ratio) => 100 * ratio),
    resident: [peakResident()],
  },
});
