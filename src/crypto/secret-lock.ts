import { ChartChainError, FORMAT_VERSION, isChartChainError, refuseNewer } from "../errors/index.js";
import { openBox, sealBox, BOX_OVERHEAD } from "./box.js";
import { concatBytes, requireInteger, wipe } from "./bytes.js";
import { platform, randomBytes } from "./platform.js";

// Layout: magic (8) ‖ log2 N (1) ‖ r (1) ‖ p (1) ‖ salt (32) ‖ box. All but the box is its associated data.
const PREFIX = new TextEncoder().encode("CCLOCK\0");
const MAGIC = concatBytes(PREFIX, Uint8Array.of(FORMAT_VERSION));
const SALT_LENGTH = 32;
const HEADER_LENGTH = MAGIC.length + 3 + SALT_LENGTH;

const DEFAULT_LOG_N = 17;
const BLOCK_SIZE = 8;
const PARALLELISM = 1;

// A blob comes from a file: without a ceiling it could ask for any amount of memory (128 · N · r bytes) and time.
const LOG_N_RANGE = { min: 10, max: 20 };
const MEMORY_CEILING = 2 ** 30;
const PARALLELISM_CEILING = 4;

/** How costly a guess at the passphrase is. */
export interface LockOptions {
  /** scrypt's N as a power of two: 2^cost. 10 to 20, default 17 (128 MiB, about a third of a second); less is for tests. */
  cost?: number;
}

/**
 * Locks a secret under a passphrase: scrypt (RFC 7914) and AES-256-GCM. The result describes itself, so that the cost
 * can be raised later and old blobs still open.
 *
 * @param secret the bytes to keep, such as an identity seed
 * @param passphrase not empty; compared after Unicode normalization (NFC, as RFC 8265 has it), so that it opens from
 * any keyboard
 * @returns the locked bytes, 71 bytes longer than the secret
 * @throws `PASSPHRASE_EMPTY`, and `CRYPTO_INPUT_INVALID` when the cost is out of range
 *
 * @example
 * const locked = await lockSecret(generateSeed(), "correct horse battery staple");
 */
export async function lockSecret(
  secret: Uint8Array,
  passphrase: string,
  options: LockOptions = {},
): Promise<Uint8Array> {
  const logN = options.cost ?? DEFAULT_LOG_N;
  requireInteger(logN, LOG_N_RANGE.min, LOG_N_RANGE.max, "cost");
  const salt = randomBytes(SALT_LENGTH);
  const header = concatBytes(MAGIC, Uint8Array.of(logN, BLOCK_SIZE, PARALLELISM), salt);
  const key = await stretch(passphrase, salt, logN, BLOCK_SIZE, PARALLELISM);
  try {
    return concatBytes(header, sealBox(key, secret, header));
  } finally {
    wipe(key);
  }
}

/**
 * Opens what {@link lockSecret} locked.
 *
 * @param locked the bytes it returned
 * @param passphrase the passphrase it was given
 * @returns the secret; {@link wipe} it after use
 * @throws `WRONG_PASSPHRASE` when the passphrase is wrong, which cannot be told apart from damaged bytes
 * @throws `FORMAT_NEWER`; `LOCKED_SECRET_MALFORMED` when the bytes are no locked secret or ask for more work than is allowed
 * @throws `PASSPHRASE_EMPTY`
 *
 * @example
 * const seed = await unlockSecret(locked, passphrase);
 */
export async function unlockSecret(locked: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const header = locked.subarray(0, HEADER_LENGTH);
  const [logN = 0, r = 0, p = 0] = locked.subarray(MAGIC.length);
  if (PREFIX.every((byte, i) => locked[i] === byte)) refuseNewer("locked secret", locked[PREFIX.length]);
  if (locked.length < HEADER_LENGTH + BOX_OVERHEAD || MAGIC.some((byte, i) => locked[i] !== byte)) {
    throw malformed("it has no header of this version");
  }
  if (
    logN < LOG_N_RANGE.min ||
    logN > LOG_N_RANGE.max ||
    r < 1 ||
    128 * 2 ** logN * r > MEMORY_CEILING ||
    p < 1 ||
    p > PARALLELISM_CEILING
  ) {
    throw malformed("its scrypt parameters are out of range");
  }
  const key = await stretch(passphrase, header.subarray(MAGIC.length + 3), logN, r, p);
  try {
    return openBox(key, locked.subarray(HEADER_LENGTH), header);
  } catch (cause) {
    if (!isChartChainError(cause, "BOX_REFUSED")) throw cause;
    throw new ChartChainError("WRONG_PASSPHRASE", "the locked secret does not open with this passphrase", {
      hint: "Check the passphrase; if it is right, the locked bytes were damaged: restore them from a backup.",
      cause,
    });
  } finally {
    wipe(key);
  }
}

async function stretch(passphrase: string, salt: Uint8Array, logN: number, r: number, p: number): Promise<Uint8Array> {
  const normalized = passphrase.normalize("NFC");
  if (normalized.length === 0) {
    throw new ChartChainError("PASSPHRASE_EMPTY", "a secret cannot be locked under an empty passphrase", {
      hint: "Choose a passphrase of several words.",
    });
  }
  return platform.scrypt(normalized, salt, { N: 2 ** logN, r, p });
}

function malformed(reason: string): ChartChainError {
  return new ChartChainError("LOCKED_SECRET_MALFORMED", `the bytes are no locked secret: ${reason}`, {
    hint: "Give the bytes that lockSecret returned, unchanged; a newer format needs a newer version.",
  });
}
