import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { getBytes, keccak256, type JsonRpcProvider } from "ethers";

import type { PersonalToken } from "../../src/fhir/index.js";

/** Where a leak was found, without saying what leaked. */
export interface Leak {
  place: string;
  kind: PersonalToken["kind"];
}

/** One public thing to look through. */
interface Exhibit {
  place: string;
  bytes: Uint8Array;
  /** Authenticated ciphertext: random bytes, in which a short token turns up by chance. */
  ciphertext: boolean;
  /** A row of 32-byte ABI fields, after a selector or not. */
  abi: boolean;
}

/** A token of this many bytes and more is looked for anywhere; a shorter one as a whole ABI field. */
const ANYWHERE = 5;
/** In random bytes, only tokens of this many bytes and more: five of them turn up in a few gigabytes by themselves. */
const IN_CIPHERTEXT = 8;
const FIELD = 32;
const SELECTOR = 4;

/**
 * Looks for patients' personal data in everything public: calldata, logs and storage writes of every transaction, and
 * every block on the network. Each token is looked for as it is, lower-cased, and as its keccak-256 and sha2-256.
 *
 * @param ciphertexts digests (hex) of the blocks that were opened as authenticated ciphertext before
 * @param publicTexts names that are public by design, such as institutions'
 */
export async function findLeaks(options: {
  provider: JsonRpcProvider;
  network: string;
  tokens: readonly PersonalToken[];
  ciphertexts: ReadonlySet<string>;
  publicTexts: readonly string[];
}): Promise<{ leaks: Leak[]; scanned: number }> {
  const { provider, network, tokens, ciphertexts, publicTexts } = options;
  const secret = tokens.filter(
    ({ value }) => !publicTexts.some((text) => text.toLowerCase().includes(value.toLowerCase())),
  );
  const index = new TokenIndex(secret);
  const leaks: Leak[] = [];
  let scanned = 0;
  const look = (exhibit: Exhibit) => {
    scanned += exhibit.bytes.length;
    for (const kind of index.find(exhibit)) leaks.push({ place: exhibit.place, kind });
  };
  for await (const exhibit of onChain(provider)) look(exhibit);
  for await (const exhibit of onNetwork(network, ciphertexts)) look(exhibit);
  return { leaks, scanned };
}

async function* onChain(provider: JsonRpcProvider): AsyncGenerator<Exhibit> {
  const last = await provider.getBlockNumber();
  for (let number = 0; number <= last; number++) {
    const block = await provider.getBlock(number, true);
    for (const { hash, data } of block?.prefetchedTransactions ?? []) {
      const place = (what: string) => `${what} of transaction ${hash}`;
      yield { place: place("calldata"), bytes: getBytes(data), ciphertext: false, abi: true };
      const receipt = await provider.getTransactionReceipt(hash);
      for (const log of receipt?.logs ?? []) {
        yield {
          place: place("a log"),
          bytes: Buffer.concat([...log.topics, log.data].map((part) => getBytes(part))),
          ciphertext: false,
          abi: true,
        };
      }
      for (const word of await storageWrites(provider, hash)) {
        yield { place: place("a storage write"), bytes: word, ciphertext: false, abi: true };
      }
    }
  }
}

type Diff = { post: Record<string, { storage?: Record<string, string> }> };

async function storageWrites(provider: JsonRpcProvider, hash: string): Promise<Uint8Array[]> {
  const tracer = { tracer: "prestateTracer", tracerConfig: { diffMode: true } };
  const { post } = (await provider.send("debug_traceTransaction", [hash, tracer])) as Diff;
  return Object.values(post).flatMap(({ storage = {} }) =>
    Object.entries(storage).map(([slot, value]) => Buffer.concat([getBytes(slot), getBytes(value)])),
  );
}

async function* onNetwork(network: string, ciphertexts: ReadonlySet<string>): AsyncGenerator<Exhibit> {
  for (const entry of await readdir(network, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    const digest = createHash("sha256").update(bytes).digest("hex");
    yield { place: `block ${entry.name}`, bytes, ciphertext: ciphertexts.has(digest), abi: false };
  }
}

interface Pattern {
  bytes: Uint8Array;
  kind: PersonalToken["kind"];
}

/** Finds thousands of tokens in one pass: a position is looked at closer only if its first bytes begin some token. */
class TokenIndex {
  readonly #byPrefix = new Map<number, Pattern[]>();
  readonly #prefixBits = new Uint8Array(1 << 24);
  /** Short tokens, as the ABI fields that they would fill. */
  readonly #fields = new Map<string, PersonalToken["kind"]>();

  constructor(tokens: readonly PersonalToken[]) {
    for (const { kind, value } of tokens) {
      for (const text of new Set([value, value.toLowerCase()])) {
        const bytes = new TextEncoder().encode(text);
        if (bytes.length >= ANYWHERE) this.#add({ bytes, kind });
        else for (const field of paddedFields(bytes)) this.#fields.set(field, kind);
        this.#add({ bytes: getBytes(keccak256(bytes)), kind });
        this.#add({ bytes: createHash("sha256").update(bytes).digest(), kind });
      }
    }
  }

  /** The kinds of the tokens that stand in an exhibit. */
  find({ bytes: haystack, ciphertext, abi }: Exhibit): Set<PersonalToken["kind"]> {
    const found = new Set<PersonalToken["kind"]>();
    const minimum = ciphertext ? IN_CIPHERTEXT : ANYWHERE;
    for (let at = 0; at + 4 < haystack.length; at++) {
      if (this.#prefixBits[prefix24(haystack, at)] === 0) continue;
      for (const { bytes, kind } of this.#byPrefix.get(prefix40(haystack, at)) ?? []) {
        if (bytes.length < minimum) continue;
        if (Buffer.compare(bytes, haystack.subarray(at, at + bytes.length)) === 0) found.add(kind);
      }
    }
    for (const start of abi ? [0, SELECTOR] : []) {
      for (let at = start; at + FIELD <= haystack.length; at += FIELD) {
        const kind = this.#fields.get(Buffer.from(haystack.subarray(at, at + FIELD)).toString("hex"));
        if (kind !== undefined) found.add(kind);
      }
    }
    return found;
  }

  #add(pattern: Pattern): void {
    const key = prefix40(pattern.bytes, 0);
    this.#prefixBits[prefix24(pattern.bytes, 0)] = 1;
    const same = this.#byPrefix.get(key);
    if (same === undefined) this.#byPrefix.set(key, [pattern]);
    else same.push(pattern);
  }
}

function paddedFields(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString("hex");
  return [text.padStart(2 * FIELD, "0"), text.padEnd(2 * FIELD, "0")];
}

const prefix24 = (b: Uint8Array, at: number): number => (b[at]! << 16) | (b[at + 1]! << 8) | b[at + 2]!;
const prefix40 = (b: Uint8Array, at: number): number => prefix24(b, at) * 65_536 + ((b[at + 3]! << 8) | b[at + 4]!);
