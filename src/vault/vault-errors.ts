import { ChartChainError } from "../errors/index.js";
import { RESULT, SqliteError } from "../sqlite/index.js";

/**
 * What the database engine threw, as the error that callers see.
 *
 * @param error anything caught around a call of the engine
 * @param file the vault's file, for the message
 * @returns a {@link ChartChainError}, or `error` when it comes from elsewhere; what the engine says for which there are no words is given as it was thrown
 */
export function asVaultError(error: unknown, file: string): unknown {
  if (!(error instanceof SqliteError)) return error;
  switch (error.code) {
    case RESULT.MISUSE:
      return new ChartChainError("VAULT_CLOSED", "the vault was closed", {
        details: { file },
        hint: "Open it again with openVault, and close it only after the last use.",
        cause: error.cause,
      });
    case RESULT.BUSY:
    case RESULT.LOCKED:
      return new ChartChainError("VAULT_IN_USE", `another process, or this one, has the vault open: ${file}`, {
        details: { file },
        hint: "Close the other program that uses this home folder, or wait until it ends; one at a time may.",
        cause: error.cause,
      });
    case RESULT.CORRUPT:
    case RESULT.NOTADB:
      return corruptVault(file, "its pages are damaged", error.cause);
    case RESULT.FULL:
      return new ChartChainError("VAULT_FULL", `there is no room left to write to the vault: ${file}`, {
        details: { file },
        hint: "Free disk space, then repeat: nothing of what was refused has been stored.",
        cause: error.cause,
      });
    case RESULT.PERM:
    case RESULT.READONLY:
    case RESULT.IOERR:
    case RESULT.CANTOPEN:
      return unwritableVault(file, error.cause);
    default:
      return error.cause;
  }
}

/** The error for a vault that cannot be read as one. */
export function corruptVault(file: string, reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("VAULT_CORRUPT", `the vault is damaged: ${reason}: ${file}`, {
    details: { file, reason },
    hint: "Move the file away and restore from a backup (restoreVault; chartchain vault restore); keep the damaged file until that worked.",
    cause,
  });
}

/** The error for a vault that the operating system does not let us read or write. */
export function unwritableVault(file: string, cause: unknown): ChartChainError {
  return new ChartChainError("VAULT_UNWRITABLE", `the vault cannot be read or written: ${file}`, {
    details: { file },
    hint: "Check that the folder and the file belong to you, that the disk is not read-only and its quota not used up.",
    cause,
  });
}
