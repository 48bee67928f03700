import { openBox, sealBox, wipe, concatBytes, hkdfSha256, hmacSha256 } from "../crypto/index.js";
import { isChartChainError } from "../errors/index.js";
import { corruptVault } from "./vault-errors.js";

/** What a row is called within its table. */
export type RowName = Uint8Array | string | number;

/**
 * Seals and opens what a vault stores. Each place (table, or column of one) has a key of its own, derived from the
 * vault's key with HKDF (RFC 5869); the associated data names place and row, so that no box can change places.
 */
export class Sealer {
  readonly #vaultKey: Uint8Array;
  readonly #file: string;
  readonly #keys = new Map<string, Uint8Array>();

  /** @param vaultKey 32 bytes; this object wipes them in the end */
  constructor(vaultKey: Uint8Array, file: string) {
    this.#vaultKey = vaultKey;
    this.#file = file;
  }

  /** The box to store in `place` for `row`. */
  seal(place: string, row: RowName, plaintext: Uint8Array, key = this.#placeKey(place)): Uint8Array {
    return sealBox(key, plaintext, associatedData(place, row));
  }

  /** What the box holds. Throws `VAULT_CORRUPT` when it is not the one that was sealed for `row` of `place`. */
  open(place: string, row: RowName, box: Uint8Array, key = this.#placeKey(place)): Uint8Array {
    try {
      return openBox(key, box, associatedData(place, row));
    } catch (cause) {
      if (!isChartChainError(cause, "BOX_REFUSED")) throw cause;
      throw corruptVault(this.#file, `a sealed entry of ${place} does not open`, cause);
    }
  }

  /** A key that exists only as long as `part` does: whoever has lost one of vault key and part cannot have it again. */
  combinedKey(part: Uint8Array): Uint8Array {
    return hkdfSha256(part, this.#vaultKey, utf8("ChartChain/vault/erasable/v1"), 32);
  }

  /** The same 16 bytes for the same values, so that a row is found by what nobody can read from the file. */
  tag(place: string, ...values: (number | string)[]): Uint8Array {
    return hmacSha256(this.#placeKey(`tag of ${place}`), utf8(values.join("|"))).slice(0, 16);
  }

  /** A copy of the vault's key, to lock it under another passphrase. */
  vaultKey(): Uint8Array {
    return this.#vaultKey.slice();
  }

  /** Wipes the keys. */
  close(): void {
    wipe(this.#vaultKey, ...this.#keys.values());
    this.#keys.clear();
  }

  #placeKey(place: string): Uint8Array {
    let key = this.#keys.get(place);
    if (key === undefined) {
      key = hkdfSha256(this.#vaultKey, new Uint8Array(0), utf8(`ChartChain/vault/${place}/v1`), 32);
      this.#keys.set(place, key);
    }
    return key;
  }
}

function associatedData(place: string, row: RowName): Uint8Array {
  const kind = typeof row === "object" ? "bytes" : typeof row;
  return concatBytes(utf8(`${place}\0${kind}\0`), typeof row === "object" ? row : utf8(String(row)));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
