/** Runs in a worker of a browser: does what it is asked for with a vault, and answers with what came of it. */
import {
  concatBytes,
  createManifest,
  openRecordStream,
  randomBytes,
  sealRecord,
  sha256,
} from "../../src/crypto/index.js";
import { ChartChainError } from "../../src/errors/index.js";
import type { Vault } from "../../src/vault/index.js";
import { openVault } from "../../src/vault/web/index.js";
import type { Request } from "./browser-requests.js";

interface Scope {
  onmessage: (event: { data: Request }) => void;
  postMessage: (answer: unknown) => void;
}
const scope = globalThis as unknown as Scope;

const CHAIN = {
  chainId: 31337n,
  genesisHash: `0x${"1a".repeat(32)}`,
  contracts: { Registrar: `0x${"01".repeat(20)}` },
};
const DIGEST = sha256(new TextEncoder().encode("one"));
let vault: Vault | undefined;

const ACTIONS = {
  async open({ passphrase, create }) {
    const own = { name: "31337-alice", chain: CHAIN, cost: 10 };
    vault = await openVault({ ...own, passphrase: passphrase!, create: create ?? false });
    return "open";
  },
  put() {
    vault!.settings.set("name", "kept");
    vault!.envelopes.put({
      ...{ digest: DIGEST, compartmentId: randomBytes(16), bytes: randomBytes(1100) },
      ...{ patient: 17, steward: 4, status: "pending" },
    });
    return vault!.envelopes.list().length;
  },
  find: () => ({ name: vault!.settings.get("name"), bytes: vault!.envelopes.get(DIGEST)?.bytes.length }),
  close() {
    vault!.close();
    return "closed";
  },
  /** Seals and opens as many bytes as a stream, and says how many were the same. */
  async stream({ size = 0 }) {
    const plaintext = new Uint8Array(size);
    for (let at = 0; at < size; at++) plaintext[at] = (at * 31) >> 3;
    const sealed = sealRecord({ source: [plaintext], size });
    const ciphertext = await collected(sealed.ciphertext);
    const manifest = createManifest({
      ...sealed,
      ...{ patient: 17, steward: 4, author: 4, category: 3, sha256: sealed.sha256(), mediaType: "application/dicom" },
      createdAt: 0,
    });
    const opened = await collected(openRecordStream({ ciphertext: [ciphertext], manifest, dek: sealed.dek }));
    return opened.length === size && opened.every((byte, at) => byte === plaintext[at]) ? size : "other bytes";
  },
} satisfies Record<string, (request: Request) => unknown>;

async function collected(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return concatBytes(...parts);
}

async function answer(request: Request): Promise<object> {
  try {
    return { is: await ACTIONS[request.action](request) };
  } catch (error) {
    return { refused: error instanceof ChartChainError ? error.code : String(error) };
  }
}

scope.onmessage = ({ data }) => void answer(data).then((said) => scope.postMessage(said));
