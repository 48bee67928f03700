import { toHex } from "./bytes.js";
import type { Compartments, StoredCompartment } from "./compartments.js";
import type { Database } from "../sqlite/index.js";
import type { Erasable } from "./erasable.js";
import { requireBytes, requireName, requireParticipant } from "./input.js";
import type { People } from "./people.js";
import type { Pins } from "./pins.js";
import type { Tombstones } from "./tombstones.js";

/** Who shreds, and why. */
export interface ShredOptions {
  /** Participant id of the holder, for the receipt. */
  participant: number;
  /** At most 200 characters, for the receipt only: it is not stored. Write nothing about the patient into it. */
  reason?: string;
}

/** What both receipts say. Plain data, to be signed and handed on as JSON. */
interface Receipt {
  /** Participant id of the one holder whose vault this speaks for. */
  holder: number;
  /** When it was shredded, ISO 8601. */
  at: string;
  reason?: string;
  /** What this shredding erased; empty when nothing was held, or it had been shredded before. */
  erased: string[];
  /** Participant ids of those who may have got the key from this holder, and keep what they have. */
  exposed: number[];
  /** What this shredding cannot reach. */
  residue: string[];
}

/** That one holder erased one record. */
export interface ShredReceipt extends Receipt {
  kind: "record";
  /** Manifest digest, `0x…`. */
  digest: string;
}

/** That one holder erased a compartment's key and all its envelopes. */
export interface CompartmentShredReceipt extends Receipt {
  kind: "compartment";
  /** Id of the compartment, `0x…`. */
  compartment: string;
  /** Manifest digests of the records erased with it, `0x…`. */
  records: string[];
}

const RESIDUE = [
  "copies held by others, who each shred and give a receipt of their own",
  "backups of this vault made before, and snapshots or spare blocks of the storage device under it",
  "the sealed payload on IPFS wherever it is pinned: without its key it says nothing",
  "the digest on chain: salted, it says nothing about the record",
  "the log of key releases, kept as evidence",
];

const IN_A_PACK = "the sealed payload in its pack, until that is packed again without it: its key is gone";

/** Erases records and compartments from one vault. */
export class Shredder {
  readonly #database: Database;
  readonly #erasable: Erasable;
  readonly #tombstones: Tombstones;
  readonly #compartments: Compartments;
  readonly #pins: Pins;
  readonly #people: People;

  constructor(
    database: Database,
    erasable: Erasable,
    of: { tombstones: Tombstones; compartments: Compartments; pins: Pins; people: People },
  ) {
    const { tombstones, compartments, pins, people } = of;
    this.#database = database;
    this.#erasable = erasable;
    this.#tombstones = tombstones;
    this.#compartments = compartments;
    this.#pins = pins;
    this.#people = people;
  }

  /** See `Vault.shred`. */
  record(digest: Uint8Array, options: ShredOptions): ShredReceipt {
    requireBytes(digest, "digest", 32);
    requireOptions(options);
    return this.#database.transaction(() => {
      const row = this.#database.get<{ compartment: Uint8Array; patient: number; steward: number }>(
        "SELECT compartment, patient, steward FROM envelopes WHERE digest = ?",
        digest,
      );
      const single = row ? this.#singleKeys(digest, row) : [];
      const keys = [...(row ? [row.compartment] : []), ...single.map(({ id }) => id)];
      const exposed = new Set(keys.flatMap((id) => [...this.#compartments.exposed(id)]));
      const { erased: parts, due } = this.#eraseRecord(digest);
      const erased = [...parts, ...(single.length > 0 ? ["the record's own key"] : [])];
      const { at } = this.#tombstones.add({ id: digest, kind: "record", at: now() });
      for (const { id } of single) {
        this.#tombstones.add({ id, kind: "compartment", at });
        this.#compartments.erase(id);
        this.#database.run("DELETE FROM exposures WHERE compartment = ?", id);
      }
      const residue = [...RESIDUE, ...(due ? [IN_A_PACK] : [])];
      if (row && this.#compartments.find(row.compartment, row).length > 0) {
        residue.push(`compartment key ${toHex(row.compartment)}, kept for the compartment's other records`);
      }
      return {
        kind: "record",
        digest: toHex(digest),
        ...heading(options, at),
        erased,
        exposed: [...exposed].sort((a, b) => a - b),
        residue,
      };
    });
  }

  /** See `Vault.shredCompartment`. */
  compartment(id: Uint8Array, options: ShredOptions): CompartmentShredReceipt {
    requireBytes(id, "id", 16);
    requireOptions(options);
    return this.#database.transaction(() => {
      const digests = this.#database
        .all<{ digest: Uint8Array }>("SELECT digest FROM envelopes WHERE compartment = ? ORDER BY sequence", id)
        .map(({ digest }) => digest);
      const exposed = [...this.#compartments.exposed(id)];
      const { at } = this.#tombstones.add({ id, kind: "compartment", at: now() });
      let due = false;
      for (const digest of digests) {
        due = this.#eraseRecord(digest).due || due;
        this.#tombstones.add({ id: digest, kind: "record", at });
      }
      const held = this.#compartments.erase(id);
      this.#database.run("DELETE FROM exposures WHERE compartment = ?", id);
      this.#database.scrub();
      return {
        kind: "compartment",
        compartment: toHex(id),
        records: digests.map(toHex),
        ...heading(options, at),
        erased: [...(held ? ["compartment key"] : []), ...(digests.length > 0 ? [`${digests.length} envelopes`] : [])],
        exposed,
        residue: [...RESIDUE, ...(due ? [IN_A_PACK] : [])],
      };
    });
  }

  /** The keys that open this record alone: it was handed on, or came, under a constraint. */
  #singleKeys(digest: Uint8Array, { patient, steward }: { patient: number; steward: number }): StoredCompartment[] {
    const keys = this.#compartments.list({ patient, steward });
    return keys.filter(({ record }) => record !== undefined && toHex(record) === toHex(digest));
  }

  /** `due`: other records lie in its pack, which has to be packed again. */
  #eraseRecord(digest: Uint8Array): { erased: string[]; due: boolean } {
    const pinNote = this.#pins.exchange(digest, now());
    this.#erasable.erase(digest);
    const described = this.#database.get(
      "SELECT 1 FROM envelopes WHERE digest = ? AND sealed_metadata IS NOT NULL",
      digest,
    );
    const envelope = this.#database.run("DELETE FROM envelopes WHERE digest = ?", digest) > 0;
    // Its content is nobody's business any more: the same may be added again, as a new record.
    this.#database.run("DELETE FROM additions WHERE digest = ?", digest);
    this.#people.unlearn(digest);
    this.#database.scrub();
    const erased = { envelope, metadata: described !== undefined, "pin note": pinNote !== undefined };
    return {
      erased: Object.entries(erased).flatMap(([what, was]) => (was ? [what] : [])),
      due: pinNote === "repack",
    };
  }
}

function heading({ participant, reason }: ShredOptions, at: number): Pick<Receipt, "holder" | "at" | "reason"> {
  return {
    holder: participant,
    at: new Date(at * 1000).toISOString(),
    ...(reason === undefined ? {} : { reason }),
  };
}

function requireOptions({ participant, reason }: ShredOptions): void {
  requireParticipant(participant, "participant");
  if (reason !== undefined) requireName(reason, "reason");
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
