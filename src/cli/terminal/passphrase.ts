import { basename } from "node:path";

import { ChartChainError } from "../../errors/index.js";
import { askLine } from "./ask.js";
import { refuseWeak } from "./weak-passphrase.js";
import type { Talk } from "./talk.js";

/** Gives the passphrase of wallet and vault; `fresh` when it is about to protect something new. */
export interface AskPassphrase {
  (options?: { fresh?: boolean }): Promise<string>;
  /** Takes it that the answer was wrong. False where nobody can be asked another time. */
  mistyped?: () => boolean;
}

interface Secret {
  /** What it opens, for the question. */
  of: string;
  /** The variables that may hold it; the first one that is set counts. */
  variables: readonly string[];
}

/** How often somebody may mistype it. */
const MISTAKES = 2;

const HOME: Secret = { of: "wallet and vault", variables: ["CHARTCHAIN_PASSPHRASE"] };
const BACKUP: Secret = { of: "the backup", variables: ["CHARTCHAIN_BACKUP_PASSPHRASE", "CHARTCHAIN_PASSPHRASE"] };
const REPLACEMENT: Secret = { of: "wallet and vault", variables: ["CHARTCHAIN_NEW_PASSPHRASE"] };

/**
 * The passphrase from CHARTCHAIN_PASSPHRASE, or asked for on the terminal without echo. Asked for once, and a new
 * one twice.
 *
 * @throws PASSPHRASE_MISSING when there is neither; PASSPHRASE_WEAK for a new one; PASSPHRASE_MISMATCH, CANCELLED
 */
export function passphraseAsker(talk: Talk): AskPassphrase {
  let answer: Promise<string> | undefined;
  let left = MISTAKES;
  const ask: AskPassphrase = ({ fresh = false } = {}) => (answer ??= obtain(talk, HOME, fresh));
  ask.mistyped = () => {
    const canAsk = talk.interactive && HOME.variables.every((name) => talk.environment[name] === undefined);
    if (!canAsk || left-- === 0) return false;
    talk.streams.stderr.write("That isn't the passphrase.\n");
    answer = undefined;
    return true;
  };
  return ask;
}

/** A passphrase that takes the place of the present one: CHARTCHAIN_NEW_PASSPHRASE. Throws as {@link passphraseAsker}. */
export const askNewPassphrase = (talk: Talk): Promise<string> => obtain(talk, REPLACEMENT, true);

/** The passphrase of a backup, which has one of its own unless it is given the vault's. Throws as {@link passphraseAsker}. */
export const askBackupPassphrase = (talk: Talk, { fresh }: { fresh: boolean }): Promise<string> =>
  obtain(talk, BACKUP, fresh);

async function obtain(talk: Talk, { of, variables }: Secret, fresh: boolean): Promise<string> {
  const given = variables.map((name) => talk.environment[name]).find((value) => value !== undefined);
  if (given !== undefined) {
    if (fresh) refuseWeak(given, ownNames(talk));
    return given;
  }
  if (!talk.interactive) {
    throw new ChartChainError("PASSPHRASE_MISSING", `there is no passphrase for ${of}, and no terminal to ask on`, {
      hint: `Set ${variables[0]}, or run it on a terminal to be asked.`,
    });
  }
  const question = fresh ? `New passphrase for ${of}: ` : of === HOME.of ? "Passphrase: " : `Passphrase of ${of}: `;
  const passphrase = await askLine(talk, question, { hidden: true });
  if (fresh) refuseWeak(passphrase, ownNames(talk));
  if (fresh && passphrase !== (await askLine(talk, "Once more: ", { hidden: true }))) {
    throw new ChartChainError("PASSPHRASE_MISMATCH", "the two passphrases differ", {
      hint: "Nothing was created. Try again.",
    });
  }
  return passphrase;
}

/** What others know of whoever makes a passphrase: how the home folder is called. */
const ownNames = ({ environment }: Talk): string[] =>
  [environment["CHARTCHAIN_HOME"] ?? ""].map((path) => basename(path));
