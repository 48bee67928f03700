import { getBytes } from "ethers";

import { decodeKeyWrap, unwrapCompartmentKey, type CompartmentKey, type KeyWrap } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import { KEY_RELEASE } from "../chain/typed-data.js";
import { requireConsent } from "../consent/decide.js";
import { ownId, requireVault, type Context } from "../context.js";
import { altered, fromBase64, is, malformed, parseHandover } from "../handover/file.js";
import { checkMessage, messageDigest } from "../handover/signature.js";
import { participantActing } from "../pinned.js";
import { CATEGORIES, type Purpose } from "../vocabulary.js";
import { wrapDigests, type GrantFile } from "./export-grant.js";

/** What an imported grant brought. */
export interface ImportedGrant {
  patient: number;
  granter: number;
  /** How many compartment keys came, and how many of them were new. */
  keys: number;
  added: number;
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
 * @param file what {@link exportGrant} made
 * @throws HANDOVER_…, GRANT_FOR_SOMEBODY_ELSE, GRANT_REPLAYED, GRANTER_NOT_ENTITLED, CONSENT_DENIED, KEY_WRAP_REFUSED,
 *   COMPARTMENT_CONFLICT. Nothing is kept then.
 *
 * @example
 * await viewer.importGrant({ file: JSON.parse(await readFile("grant.json", "utf8")) });
 */
export async function importGrant(ctx: Context, { file }: { file: unknown }): Promise<ImportedGrant> {
  const vault = requireVault(ctx);
  const grant = parseHandover<GrantFile>(ctx, "chartchain/grant", SHAPE, file);
  await checkMessage(ctx, KEY_RELEASE, grant, "the grant");
  const { patient, granter, recipient, purpose } = grant.message as Record<string, number> & { purpose: Purpose };

  const own = await ownId(ctx);
  if (recipient !== own) {
    throw new ChartChainError("GRANT_FOR_SOMEBODY_ELSE", `the grant is for participant ${recipient}`, {
      details: { recipient, own },
      hint: "Only the recipient it names can use it.",
    });
  }
  const signer = await participantActing(ctx, grant.account);
  if (signer !== granter) throw notEntitled(granter!, "its signer acts for somebody else");
  const digest = getBytes(messageDigest(ctx, KEY_RELEASE, grant.message));
  if (vault.inbox.seen(digest)) {
    throw new ChartChainError("GRANT_REPLAYED", "this grant was imported before", {
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
    const scopes = new Map(keys.map((key) => [`${key.steward}/${key.category}`, key]));
    for (const { steward, category } of scopes.values()) {
      await requireConsent(ctx, { patient: patient!, steward, viewer: own, category: CATEGORIES[category]!, purpose });
    }
  }
  const openedAtBlock = await chainCall(() => ctx.provider.getBlockNumber());
  const added = vault.transaction(() => {
    vault.inbox.markSeen(digest);
    return keys.filter((key) => vault.compartments.put(key, { openedAtBlock, source: granter })).length;
  });
  return { patient: patient!, granter: granter, keys: keys.length, added };
}

async function unwrap(ctx: Context, grant: GrantFile, participant: number): Promise<CompartmentKey[]> {
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
