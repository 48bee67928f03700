import { getBytes, hexlify } from "ethers";

import {
  decodeKeyWrap,
  nameOfKind,
  unwrapCompartmentKey,
  type CompartmentKey,
  type KeyWrap,
} from "../../crypto/index.js";
import { ChartChainError, isChartChainError, type ErrorCode } from "../../errors/index.js";
import { KEY_RELEASE } from "../handover/signed/for-readers.js";
import { requireConsent } from "../consent/decide.js";
import { ownId, requireVault, type Context } from "../context.js";
import { altered, fromBase64, is, malformed, parseHandover } from "../handover/file.js";
import { checkMessage, messageDigest } from "../handover/signature.js";
import { participantActing } from "../handover/pinned.js";
import { CATEGORIES, type Category, type Purpose } from "../vocabulary.js";
import { wrapDigests, type KeysFile } from "./release-keys.js";

/** A key that was left out, and why. */
export interface RefusedKey {
  /** The compartment's id. */
  compartment: string;
  steward: number;
  category: Category;
  round: number;
  /** The code of the error. */
  code: ErrorCode;
  reason: string;
}

/** What taking keys brought. */
export interface TakenKeys {
  patient: number;
  granter: number;
  /** How many compartment keys came, and how many of them were new. */
  keys: number;
  added: number;
  /** Keys that were left out. Not there when there are none. */
  refused?: RefusedKey[];
}

const SHAPE = {
  message: is.object,
  account: is.address,
  signature: is.hex,
  wraps: is.listOf((wrap) => is.base64(wrap) && (wrap as string).length < 8_192),
};

/**
 * Takes the keys of a grant into the vault: checks the signature, that the granter is the patient or the steward of
 * every key in it, and that consent stands.
 *
 * A key that contradicts another one of the same granter, or is of a round that no writer can have reached, is named and
 * left out. Keys of records that this participant keeps itself are never taken: it made them, and seals under them. The
 * same file may be taken again; one that was taken before, where the granter gave newer ones since, is a replay.
 *
 * @param file what {@link releaseKeys} made
 * @throws HANDOVER_…, GRANT_FOR_SOMEBODY_ELSE, GRANT_REPLAYED, GRANTER_NOT_ENTITLED, CONSENT_DENIED, KEY_WRAP_REFUSED;
 *   where no key in it is any good, COMPARTMENT_CONFLICT, COMPARTMENT_SHREDDED, ROUND_NEVER_REACHED. Nothing is kept then.
 *
 * @example
 * await viewer.takeKeys({ file: JSON.parse(await readFile("grant.json", "utf8")) });
 */
export async function takeKeys(ctx: Context, { file }: { file: unknown }): Promise<TakenKeys> {
  const vault = requireVault(ctx);
  const grant = parseHandover<KeysFile>(ctx, "chartchain/grant", SHAPE, file);
  await checkMessage(ctx, KEY_RELEASE, grant, "the grant");
  const { patient, granter, recipient, purpose, issuedAt } = grant.message as unknown as Release;

  const own = await ownId(ctx);
  if (recipient !== own) {
    throw new ChartChainError("GRANT_FOR_SOMEBODY_ELSE", `the grant is for participant ${recipient}`, {
      details: { recipient, own },
      hint: "Only the recipient it names can use it.",
    });
  }
  const signer = await participantActing(ctx, grant.account);
  if (signer !== granter) throw notEntitled(granter, "its signer acts for somebody else");
  const digest = getBytes(messageDigest(ctx, KEY_RELEASE, grant.message));
  const { newestGrants } = vault.access;
  const newestAt = newestGrants.get({ granter, patient }) ?? 0;
  if (vault.inbox.seen(digest) && issuedAt < newestAt) {
    throw new ChartChainError("GRANT_REPLAYED", "this grant was imported before, and newer ones of its granter since", {
      details: { granter, issuedAt, newest: newestAt },
      hint: "Nothing needs to be done; for newer keys, ask for a new grant.",
    });
  }

  const keys = await unwrap(ctx, grant, own);
  for (const { patient: keyPatient, steward } of keys) {
    if (keyPatient !== patient) throw altered("a key in the grant");
    if (granter !== patient && granter !== steward) {
      throw notEntitled(granter, "it gives a key of records that it doesn't keep");
    }
  }
  if (own !== patient) {
    const named = ({ record }: CompartmentKey) => (record === undefined ? "" : `/${hexlify(record)}`);
    const scopes = new Map(keys.map((key) => [`${key.steward}/${nameOfKind(key)}${named(key)}`, key]));
    for (const { steward, category, confidential, record } of scopes.values()) {
      const question = { patient, steward, viewer: own, category: CATEGORIES[category]!, purpose, confidential };
      // What it says is held against a constraint when it is opened.
      const single = record === undefined ? {} : { record: { digest: hexlify(record), facts: "unseen" as const } };
      await requireConsent(ctx, { ...question, ...single });
    }
  }
  const openedAtBlock = await ctx.provider.getBlockNumber();
  return vault.transaction(() => {
    const { added, refused, problem } = addKeys(ctx, keys, { own, openedAtBlock, source: granter });
    if (problem !== undefined && refused.length === keys.length) throw problem;
    vault.inbox.markSeen(digest);
    newestGrants.set({ granter, patient }, Math.max(newestAt, issuedAt));
    return { patient, granter, keys: keys.length, added, ...(refused.length === 0 ? {} : { refused }) };
  });
}

/** What a granter signs; {@link checkMessage} has seen that it is of these types. */
interface Release {
  patient: number;
  granter: number;
  recipient: number;
  purpose: Purpose;
  /** In seconds since 1970. */
  issuedAt: number;
}

function addKeys(
  ctx: Context,
  keys: readonly CompartmentKey[],
  { own, openedAtBlock, source }: { own: number; openedAtBlock: number; source: number },
): { added: number; refused: RefusedKey[]; problem: ChartChainError | undefined } {
  const { compartments } = requireVault(ctx);
  const refused: RefusedKey[] = [];
  let added = 0;
  let problem: ChartChainError | undefined;
  for (const key of keys) {
    // Whoever keeps the records made their keys. Another one, however it came here, would be written under.
    if (key.steward === own) continue;
    try {
      requireReached(key, openedAtBlock);
      if (compartments.put(key, { openedAtBlock, source })) added++;
    } catch (error) {
      if (!isChartChainError(error) || error.code.startsWith("VAULT_")) throw error;
      const { steward, round } = key;
      const about = { compartment: hexlify(key.id), steward, category: CATEGORIES[key.category]!, round };
      refused.push({ ...about, code: error.code, reason: error.message });
      problem ??= error;
    }
  }
  return { added, refused, problem };
}

/** A round is opened at a block, and the next one when something happened after it. */
function requireReached({ patient, steward, round }: CompartmentKey, head: number): void {
  if (round <= head) return;
  throw new ChartChainError(
    "ROUND_NEVER_REACHED",
    `the grant has a key of round ${round}, which nobody can have opened`,
    {
      details: { patient, steward, round, head },
      hint: "Don't use it. Ask the steward of the records for its keys.",
    },
  );
}

async function unwrap(ctx: Context, grant: KeysFile, participant: number): Promise<CompartmentKey[]> {
  let wraps: KeyWrap[];
  try {
    wraps = grant.wraps.map((wrap) => decodeKeyWrap(fromBase64(wrap)));
  } catch (cause) {
    throw malformed("a key in it can't be read", cause);
  }
  const signed = grant.message["wraps"];
  if (JSON.stringify(wrapDigests(wraps)) !== JSON.stringify(signed)) throw altered("a key in the grant");
  const { identity } = requireVault(ctx);
  return Promise.all(
    wraps.map(async (wrap) => unwrapCompartmentKey(wrap, await identity.keyPair(wrap.keyVersion), { participant })),
  );
}

function notEntitled(granter: number, reason: string): ChartChainError {
  return new ChartChainError("GRANTER_NOT_ENTITLED", `participant ${granter} can't give this grant: ${reason}`, {
    details: { granter },
    hint: "Don't use it. Keys come from the patient or from the steward of the records.",
  });
}
