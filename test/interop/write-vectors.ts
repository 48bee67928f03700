/**
 * Makes test/vectors/*.json anew, with each engine that this machine has: `npm run test:interop -- --write-vectors`. The
 * vectors of an engine that is missing stay as they are.
 */
import { writeFileSync } from "node:fs";
import { type Anvil, startAnvil } from "./anvil.js";
import { type Engine, startEngine } from "./engine.js";
import { openKubo } from "./kubo.js";
import { cborVectors } from "./vectors/cbor.js";
import { cidVectors } from "./vectors/cids.js";
import { eip712Vectors } from "./vectors/eip712.js";
import { hpkeVectors } from "./vectors/hpke.js";
import { merkleVectors } from "./vectors/merkle.js";
import { recordVectors } from "./vectors/record.js";
import { streamingAeadVectors } from "./vectors/streaming-aead.js";

await writeFrom("streaming-aead", "tink", streamingAeadVectors);
await writeFrom("hpke", "hpke", hpkeVectors);
await writeFrom("merkle", "merkle", merkleVectors);
await writeFrom("record", "record", recordVectors);
await writeFrom("cbor", "cbor", cborVectors);
await writeFrom("eip712", "ethereum", async (geth) => {
  const anvil = await startAnvil();
  return "reason" in anvil ? anvil : signedBy(geth, anvil);
});
await writeCids();

async function writeFrom(
  name: string,
  program: string,
  make: (engine: Engine) => Promise<object | { reason: string }>,
): Promise<void> {
  const engine = await startEngine(program);
  if ("reason" in engine) return keep(name, engine.reason);
  try {
    write(name, await make(engine));
  } finally {
    engine.close();
  }
}

async function signedBy(geth: Engine, anvil: Anvil): Promise<object> {
  try {
    return await eip712Vectors(geth, anvil);
  } finally {
    anvil.stop();
  }
}

async function writeCids(): Promise<void> {
  const kubo = await openKubo();
  if ("reason" in kubo) return keep("cids", kubo.reason);
  try {
    write("cids", await cidVectors(kubo));
  } finally {
    await kubo.remove();
  }
}

function write(name: string, vectors: object | { reason: string }): void {
  if ("reason" in vectors) return keep(name, String(vectors.reason));
  const text = `${JSON.stringify(vectors, null, 2)}\n`;
  writeFileSync(new URL(`../vectors/${name}.json`, import.meta.url), text);
  console.log(`wrote test/vectors/${name}.json (${Math.ceil(text.length / 1024)} KiB)`);
}

function keep(name: string, reason: string): void {
  console.log(`kept test/vectors/${name}.json: ${reason}`);
}
