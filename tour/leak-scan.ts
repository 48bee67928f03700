import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { getBytes, keccak256, type JsonRpcProvider } from "ethers";

import type { PersonalToken } from "../src/fhir/index.js";

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
/** Where ABI fields begin: in a log or a storage write, behind a selector, and in a call that is an argument of a call. */
const FIELDS_BEGIN_AT = [0, 4, 8];
/** So many blocks are asked for at once. */
const AT_ONCE = 16;

/**
 * Looks for patients' personal data in everything public: calldata, logs and storage writes of every transaction, and
 * every block on the network. Each token is looked for as it is, lower-cased, and as its keccak-256 and sha2-256.
 *
 * @param options.ciphertexts digests (hex) of the blocks that were opened as authenticated ciphertext before
 * @param options.publicTexts names that are public by design, such as institutions': what stands inside one of them is no
 *   leak there, but everywhere else it is
 * @param options.progress told of each block of the chain that was looked through
 */
export async function findLeaks(options: {
  provider: JsonRpcProvider;
  network: string;
  tokens: readonly PersonalToken[];
  ciphertexts: ReadonlySet<string>;
  publicTexts: readonly string[];
  progress?: (done: number, of: number) => void;
}): Promise<{ leaks: Leak[]; scanned: number }> {
  const { provider, network, tokens, ciphertexts, publicTexts, progress = () => {} } = options;
  const index = new TokenIndex(tokens, publicTexts);
  const leaks: Leak[] = [];
  let scanned = 0;
  const look = (exhibit: Exhibit) => {
    scanned += exhibit.bytes.length;
    for (const kind of index.find(exhibit)) leaks.push({ place: exhibit.place, kind });
  };
  for await (const exhibit of onChain(provider, progress)) look(exhibit);
  for await (const exhibit of onNetwork(network, ciphertexts)) look(exhibit);
  return { leaks, scanned };
}

async function* onChain(
  provider: JsonRpcProvider,
  progress: (done: number, of: number) => void,
): AsyncGenerator<Exhibit> {
  const blocks = (await provider.getBlockNumber()) + 1;
  for (let from = 0; from < blocks; from += AT_ONCE) {
    const to = Math.min(from + AT_ONCE, blocks);
    const numbers = Array.from({ length: to - from }, (_, i) => from + i);
    yield* (await Promise.all(numbers.map((number) => inBlock(provider, number)))).flat();
    progress(to, blocks);
  }
}

async function inBlock(provider: JsonRpcProvider, number: number): Promise<Exhibit[]> {
  const block = await provider.getBlock(number, true);
  const exhibits: Exhibit[] = [];
  for (const { hash, data } of block?.prefetchedTransactions ?? []) {
    const exhibit = (what: string, ...parts: readonly string[]) =>
      exhibits.push({
        place: `${what} of transaction ${hash}`,
        bytes: Buffer.concat(parts.map((part) => getBytes(part))),
        ciphertext: false,
        abi: true,
      });
    const [receipt, writes] = await Promise.all([provider.getTransactionReceipt(hash), storageWrites(provider, hash)]);
    exhibit("calldata", data);
    for (const log of receipt?.logs ?? []) exhibit("a log", ...log.topics, log.data);
    for (const [slot, value] of writes) exhibit("a storage write", slot, value);
  }
  return exhibits;
}

type Diff = { post: Record<string, { storage?: Record<string, string> }> };

async function storageWrites(provider: JsonRpcProvider, hash: string): Promise<[slot: string, value: string][]> {
  const tracer = { tracer: "prestateTracer", tracerConfig: { diffMode: true } };
  const { post } = (await provider.send("debug_traceTransaction", [hash, tracer])) as Diff;
  return Object.values(post).flatMap(({ storage = {} }) => Object.entries(storage));
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
  /** One bit for each beginning of three bytes. */
  readonly #prefixBits = new Uint8Array(1 << 21);
  /** Short tokens, as the ABI fields that they would fill. */
  readonly #fields = new Map<string, PersonalToken["kind"]>();
  readonly #publicTexts: readonly string[];

  constructor(tokens: readonly PersonalToken[], publicTexts: readonly string[]) {
    this.#publicTexts = publicTexts.filter((text) => text !== "");
    for (const { kind, value } of tokens) {
      for (const text of new Set([value, value.toLowerCase()])) {
        const bytes = new TextEncoder().encode(text);
        if (bytes.length >= ANYWHERE) this.#add({ bytes, kind });
        if (publicTexts.includes(text)) continue;
        if (bytes.length < ANYWHERE) for (const field of paddedFields(bytes)) this.#fields.set(field, kind);
        this.#add({ bytes: getBytes(keccak256(bytes)), kind });
        this.#add({ bytes: createHash("sha256").update(bytes).digest(), kind });
      }
    }
  }

  /** The kinds of the tokens that stand in an exhibit. */
  find({ bytes: haystack, ciphertext, abi }: Exhibit): Set<PersonalToken["kind"]> {
    const found = new Set<PersonalToken["kind"]>();
    const minimum = ciphertext ? IN_CIPHERTEXT : ANYWHERE;
    const spans = this.#publicSpans(haystack);
    for (let at = 0; at + 4 < haystack.length; at++) {
      const prefix = prefix24(haystack, at);
      if ((this.#prefixBits[prefix >> 3]! & (1 << (prefix & 7))) === 0) continue;
      for (const { bytes, kind } of this.#byPrefix.get(prefix40(haystack, at)) ?? []) {
        const end = at + bytes.length;
        if (bytes.length < minimum || spans.some(([from, to]) => from <= at && end <= to)) continue;
        if (Buffer.compare(bytes, haystack.subarray(at, end)) === 0) found.add(kind);
      }
    }
    for (const start of abi ? FIELDS_BEGIN_AT : []) {
      for (let at = start; at + FIELD <= haystack.length; at += FIELD) {
        const kind = this.#fields.get(Buffer.from(haystack.subarray(at, at + FIELD)).toString("hex"));
        if (kind !== undefined) found.add(kind);
      }
    }
    return found;
  }

  /** From where to where public texts stand. */
  #publicSpans(haystack: Uint8Array): [from: number, to: number][] {
    const bytes = Buffer.from(haystack.buffer, haystack.byteOffset, haystack.length);
    return this.#publicTexts.flatMap((text) => {
      const length = Buffer.byteLength(text);
      const spans: [number, number][] = [];
      for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + length))
        spans.push([at, at + length]);
      return spans;
    });
  }

  #add(pattern: Pattern): void {
    const key = prefix40(pattern.bytes, 0);
    const prefix = prefix24(pattern.bytes, 0);
    this.#prefixBits[prefix >> 3]! |= 1 << (prefix & 7);
    const same = this.#byPrefix.get(key);
    if (same === undefined) this.#byPrefix.set(key, [pattern]);
    else same.push(pattern);
  }
}

/** A short text as a number, as fixed bytes, and as Solidity stores a short string: with its doubled length at the end. */
function paddedFields(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString("hex");
  const doubled = (2 * bytes.length).toString(16).padStart(2, "0");
  return [
    text.padStart(2 * FIELD, "0"),
    text.padEnd(2 * FIELD, "0"),
    `${text.padEnd(2 * FIELD - doubled.length, "0")}${doubled}`,
  ];
}

const prefix24 = (b: Uint8Array, at: number): number => (b[at]! << 16) | (b[at + 1]! << 8) | b[at + 2]!;
const prefix40 = (b: Uint8Array, at: number): number => prefix24(b, at) * 65_536 + ((b[at + 3]! << 8) | b[at + 4]!);
