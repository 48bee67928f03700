import { hexlify } from "ethers";

import { requireVault, type Context } from "../../context.js";
import { keyHoldersOf, type KeyHolder } from "../key-holders.js";
import { messageIn, statementOn, type RetractionMessage } from "./retraction-statement.js";
import { settleRetractions } from "./retractions.js";

/** A retraction, as far as this vault knows. */
export interface RetractedRecord {
  /** Digest of the record; undefined where it stood in somebody else's chart. */
  record: string | undefined;
  patient: number;
  author: number;
  /** What the author said; undefined where only the chain does. */
  statement: Omit<RetractionMessage, "patient" | "author" | "record" | "retraction"> | undefined;
  /** True when it stands in the patient's history, where each holder finds it. */
  anchored: boolean;
  /** Who may have had the key, where this vault's owner gave it. */
  keyHolders: KeyHolder[];
}

/**
 * The retractions that this vault knows of: of records that are here, and what authors said to this patient.
 *
 * @param patient only of this patient's chart
 *
 * @example
 * for (const { record, statement } of await alice.listRetractions()) console.log(record, statement?.reason);
 */
export async function listRetractions(
  ctx: Context,
  { patient }: { patient?: number } = {},
): Promise<RetractedRecord[]> {
  const vault = requireVault(ctx);
  const patients = patient === undefined ? vault.envelopes.list().map((entry) => entry.patient) : [patient];
  await settleRetractions(ctx, patients);
  const asked = patient === undefined ? {} : { patient };
  // Somebody who copies a digest into a history retracts nothing by that.
  const isByAuthor = ({ record, author }: { record: Uint8Array; author: number }) =>
    (vault.envelopes.get(record)?.metadata?.author ?? author) === author;
  const notes = vault.retractions.list(asked).filter(isByAuthor);
  const noted = notes.map((note) => ({
    record: hexlify(note.record),
    patient: note.patient,
    author: note.author,
    statement: saidIn(statementOn(ctx, note)),
    anchored: note.anchored !== undefined,
    keyHolders: keyHoldersOf(ctx, hexlify(note.record)),
  }));
  const elsewhere = vault.retractions
    .statements(asked)
    .filter(({ record }) => record === undefined)
    .map(({ signed }) => messageIn(signed))
    .map((message) => ({
      record: undefined,
      patient: message.patient,
      author: message.author,
      statement: saidIn(message),
      anchored: false,
      keyHolders: [],
    }));
  return [...noted, ...elsewhere];
}

function saidIn(message: RetractionMessage | undefined): RetractedRecord["statement"] {
  if (message === undefined) return undefined;
  const { category, reason, keyHolders, retractedAt } = message;
  return { category, reason, keyHolders, retractedAt };
}
