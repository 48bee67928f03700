import { CATEGORIES, type Category } from "chartchain";
import { isChartChainError } from "chartchain/errors";
import { linksIn, type RecordStore } from "chartchain/storage";
import type { Vault } from "chartchain/vault";

import type { Asker } from "../access/access.js";
import type { Permits } from "../access/permits.js";
import type { Outbox } from "../deliveries/outbox.js";

/** So many inner blocks are remembered by the file that they are of. */
const MOST_CHILDREN = 200_000;

/** What blocks are found and decided with. */
export interface BlocksOptions {
  vault: Vault;
  store: RecordStore;
  permits: Permits;
  outbox: Outbox;
  institution: number;
}

/** A record that was sealed here. */
interface Sealed {
  digest: string;
  patient: number;
  kind: { category: Category; confidential: boolean };
}

/** A block, or a file of them, that somebody may have. */
export interface Found {
  /** The file's root: the pack. */
  pack: string;
  /** Whose records lie in it. */
  patient: number;
  /** Asked again while it goes out: whether it still may. */
  mayGoOn: () => Promise<boolean>;
}

/**
 * Sealed records' blocks, as far as somebody may read a record that lies in them. What this institution didn't seal itself isn't there, whatever
 * its store holds.
 */
export class Blocks {
  readonly #with: BlocksOptions;
  /** Blocks below a root that was asked for: nothing else says of which file they are. */
  readonly #packs = new Map<string, string>();

  constructor(options: BlocksOptions) {
    this.#with = options;
  }

  /**
   * @param cid in the network's one spelling
   * @returns undefined for what isn't there for that one
   * @throws what a decision throws
   */
  async find(cid: string, asker: Asker): Promise<Found | undefined> {
    const pack = this.#packs.get(cid) ?? cid;
    const records = this.#recordsIn(pack);
    const patient = records[0]?.patient;
    if (patient === undefined || !(await this.#mayRead(records, asker))) return undefined;
    return { pack, patient, mayGoOn: () => this.#mayRead(records, asker) };
  }

  /**
   * One block, hashed.
   *
   * @throws BLOCK_MISSING, BLOCK_CORRUPT, STORE_UNREACHABLE and what else the store throws
   */
  async block(cid: string, pack: string): Promise<Uint8Array> {
    const bytes = await this.#with.store.getBlock(cid);
    for (const child of linksIn(cid, bytes)) {
      if (this.#packs.size >= MOST_CHILDREN) this.#packs.delete(this.#packs.keys().next().value!);
      this.#packs.set(child, pack);
    }
    return bytes;
  }

  /** A whole file as a CAR, each block hashed and asked about before it goes out. Ends in the middle where it may go on no more. */
  async *car({ pack, mayGoOn }: Found): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#with.store.exportCar(pack)) {
      if (!(await mayGoOn())) throw new Error("what is being read may be read no more");
      yield chunk;
    }
  }

  #recordsIn(pack: string): Sealed[] {
    const { vault, institution } = this.#with;
    return vault.pins.recordsIn(pack).flatMap((digest) => {
      const { patient, steward, metadata } = vault.envelopes.get(digest) ?? {};
      if (patient === undefined || steward !== institution || metadata === undefined) return [];
      const { category, confidential = false } = metadata;
      const kind = { category: CATEGORIES[category]!, confidential };
      return [{ digest: Buffer.from(digest).toString("hex"), patient, kind }];
    });
  }

  async #mayRead(records: readonly Sealed[], { participant: viewer, purpose }: Asker): Promise<boolean> {
    const { permits, outbox } = this.#with;
    for (const { digest, patient, kind } of records) {
      const { allowed, reason } = await permits.decide({ patient, viewer, purpose, ...kind });
      if (allowed) return true;
      // Of what goes out singly, whoever was given the record's own key gets its bytes.
      const isSingle = reason === "CONSTRAINED" || reason === "SINGLE_RECORDS";
      if (isSingle && outbox.singlesFor(patient, viewer).has(digest)) return true;
    }
    return false;
  }
}

/** Whether an error says that a block isn't there, or that what was asked for is no name of one. */
export const isMissing = (error: unknown): boolean => isChartChainError(error, "BLOCK_MISSING");
