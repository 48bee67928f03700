import { ChartChainError } from "../../src/errors/index.js";
import { askLine } from "./ask.js";
import type { Talk } from "./command.js";
import { variable } from "./common-flags.js";

/** Gives the passphrase of wallet and vault; `fresh` when it is about to protect something new. */
export type AskPassphrase = (options?: { fresh?: boolean }) => Promise<string>;

/**
 * The passphrase from CHARTCHAIN_PASSPHRASE, or asked for on the terminal without echo. Asked for once in a process, and
 * a new one twice.
 *
 * @throws PASSPHRASE_MISSING when there is neither; PASSPHRASE_MISMATCH, CANCELLED
 */
export function passphraseAsker(talk: Talk): AskPassphrase {
  let answer: Promise<string> | undefined;
  return ({ fresh = false } = {}) => (answer ??= obtain(talk, fresh));
}

async function obtain(talk: Talk, fresh: boolean): Promise<string> {
  const given = variable("CHARTCHAIN_PASSPHRASE");
  if (given !== undefined) return given;
  if (!talk.interactive) {
    throw new ChartChainError("PASSPHRASE_MISSING", "wallet and vault need a passphrase, and there is no terminal", {
      hint: "Set CHARTCHAIN_PASSPHRASE, or run it on a terminal to be asked.",
    });
  }
  const passphrase = await askLine(fresh ? "New passphrase for wallet and vault: " : "Passphrase: ", { hidden: true });
  if (fresh && passphrase !== (await askLine("Once more: ", { hidden: true }))) {
    throw new ChartChainError("PASSPHRASE_MISMATCH", "the two passphrases differ", {
      hint: "Nothing was created. Try again.",
    });
  }
  return passphrase;
}
