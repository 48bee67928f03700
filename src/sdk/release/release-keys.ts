import { hexlify } from "ethers";

import { encodeKeyWrap, keyWrapDigest, nameOfKind, wrapCompartmentKey, type KeyWrap } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import type { StoredCompartment } from "../../vault/index.js";
import { KEY_RELEASE } from "../handover/signed/for-readers.js";
import { decide, type Decision, type Occasion } from "../consent/decide.js";
import { hintOf, leavesRecords, whyDenied } from "../consent/denials.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { header, toBase64, type HandoverHeader } from "../handover/file.js";
import { signMessage } from "../handover/signature.js";
import type { SignedMessage } from "../handover/signed/action.js";
import { requireIdentityStands } from "../people/identity-stands.js";
import { keyDocumentOf } from "../people/participants.js";
import { wrappable } from "../people/confirmed-keys.js";
import { CATEGORIES, purposeIndex, type Category, type Purpose } from "../vocabulary.js";
import type { Said } from "../chain/typed-data.js";

/** Compartment keys for one recipient, signed by whoever gives them. Holds no envelope and no record. */
export interface KeysFile extends HandoverHeader, SignedMessage<Said<typeof KEY_RELEASE>> {
  kind: "chartchain/grant";
  /** Encoded key wraps, base64. */
  wraps: string[];
}

/** Whose keys go to whom. */
export interface ReleaseKeysInput {
  patient: number;
  /** The recipient: a viewer, or the patient. */
  viewer: number;
  /** What for: a grant for this purpose has to stand. */
  purpose: Purpose;
  /** Only these; all that the viewer may see when left out. */
  categories?: readonly Category[];
  /** Only records of this steward. */
  steward?: number;
  /** Ids of compartments that the viewer has keys of already. */
  except?: readonly string[];
}

/**
 * Releases compartment keys to a viewer: checks consent for each compartment at the final block and at the head, logs
 * the release, and only then makes a file that nobody but the viewer can open. Its size and time don't depend on how
 * many records there are. A steward releases the keys of its own records, a patient those of every steward's.
 *
 * @throws CONSENT_DENIED when nothing may be released, UNKNOWN_PARTICIPANT, NODE_BEHIND by way of CONSENT_DENIED,
 *   CHAIN_UNREACHABLE, NO_KEYS when this vault holds no key that is its owner's to give, KEY_UNCONFIRMED when the viewer
 *   changed keys, KEY_CHANGED when a node names a key that was never announced; NODES_DISAGREE, NODES_BEHIND, NODES_MISSING
 *
 * @example
 * const file = await clinic.releaseKeys({ patient: 7, viewer: 9, purpose: "TREAT" });
 */
export async function releaseKeys(ctx: Context, input: ReleaseKeysInput): Promise<KeysFile> {
  const { categories = CATEGORIES, except = [] } = input;
  const isAsked = ({ id, category }: StoredCompartment) =>
    categories.includes(CATEGORIES[category]!) && !except.includes(hexlify(id));
  return (await releaseWhere(ctx, input, isAsked)).file;
}

/**
 * {@link releaseKeys} of the compartments that are asked for, which also tells which went into the file.
 *
 * @param occasion what a module releases them for
 */
export async function releaseWhere(
  ctx: Context,
  input: ReleaseKeysInput,
  isAsked: (compartment: StoredCompartment) => boolean,
  occasion?: Occasion,
): Promise<{ file: KeysFile; released: StoredCompartment[] }> {
  const { viewer } = input;
  const { compartments: allowed, block } = await releasable(ctx, input, isAsked, occasion);
  const { keyVersion, onlyAfter } = await keyDocumentOf(ctx, viewer);
  const compartments = await wrappable(ctx, allowed, { participant: viewer, keyVersion, onlyAfter });
  return { file: await release(ctx, input, compartments, block), released: compartments };
}

/**
 * Wraps keys for a viewer, logs that, and signs the file. Whoever calls it has asked whether they may go out.
 *
 * @param block the head at which that was decided
 */
export async function release(
  ctx: Context,
  { patient, viewer, purpose }: Pick<ReleaseKeysInput, "patient" | "viewer" | "purpose">,
  compartments: readonly StoredCompartment[],
  block: Decision["block"],
): Promise<KeysFile> {
  await requireIdentityStands(ctx, patient, viewer);
  const { publicKey, keyVersion } = await keyDocumentOf(ctx, viewer);
  const wraps = await Promise.all(
    compartments.map((compartmentKey) =>
      wrapCompartmentKey({
        compartmentKey,
        recipientPublicKey: publicKey,
        participant: viewer,
        keyVersion,
      }),
    ),
  );

  const vault = requireVault(ctx);
  const issuedAt = await currentTime(ctx);
  // On disk before the keys leave: a release that nobody can see never happened.
  vault.transaction(() => {
    vault.releases.append({
      patient,
      recipient: viewer,
      purpose: purposeIndex(purpose),
      compartmentIds: wraps.map((wrap) => wrap.compartmentId),
      wrapDigests: wraps.map(keyWrapDigest),
      block,
      at: issuedAt,
    });
    if (viewer !== patient) for (const { id } of compartments) vault.compartments.addExposed(id, [viewer]);
  });
  return signRelease(ctx, { patient, viewer, keyVersion, purpose, issuedAt, wraps });
}

/**
 * The compartment keys that this vault's owner may give at all: a patient everybody's, a steward its own. Of two for the
 * same round the one that comes from who keeps the records.
 */
export async function keysToGive(
  ctx: Context,
  { patient, steward }: { patient: number; steward?: number },
): Promise<StoredCompartment[]> {
  const own = await ownId(ctx);
  const held = requireVault(ctx)
    .compartments.list({ patient, ...(steward === undefined ? {} : { steward }) })
    // Keys of single records go out with record delivery.
    .filter(({ steward: keeper, record }) => (own === patient || keeper === own) && record === undefined);
  const isKeepers = (key: StoredCompartment) => key.source === (key.steward === own ? "own" : key.steward);
  const roundOf = (key: StoredCompartment) => `${key.steward}/${nameOfKind(key)}/${key.round}`;
  const keepers = new Set(held.filter(isKeepers).map(roundOf));
  return held.filter((key) => isKeepers(key) || (key.steward !== own && !keepers.has(roundOf(key))));
}

/** The digests that a release is signed over, in the order of its wraps. */
export const wrapDigests = (wraps: readonly KeyWrap[]): string[] => wraps.map((wrap) => hexlify(keyWrapDigest(wrap)));

async function releasable(
  ctx: Context,
  input: ReleaseKeysInput,
  isAsked: (compartment: StoredCompartment) => boolean,
  occasion: Occasion | undefined,
): Promise<{ compartments: StoredCompartment[]; block: { number: number; hash: string } }> {
  const { patient, viewer, purpose, categories = CATEGORIES } = input;
  const asked = (await keysToGive(ctx, input)).filter(isAsked);
  const noKeys = () =>
    new ChartChainError("NO_KEYS", `this vault has no key to give for these records of patient ${patient}`, {
      details: { patient, categories },
      hint: "The patient and the steward of the records give keys; check the patient's number and the categories.",
    });
  if (asked.length === 0) throw noKeys();
  const compartments: StoredCompartment[] = [];
  let block: { number: number; hash: string } | undefined;
  let denial: Decision | undefined;
  const decided = new Map<string, boolean>();
  for (const compartment of asked) {
    const { confidential } = compartment;
    const scope = `${compartment.steward}/${compartment.category}/${confidential}`;
    if (!decided.has(scope)) {
      const question = {
        patient,
        steward: compartment.steward,
        viewer,
        category: CATEGORIES[compartment.category]!,
        purpose,
        confidential,
        ...(occasion === undefined ? {} : { occasion }),
      };
      const decision = await decide(ctx, question);
      decided.set(scope, decision.allowed);
      block = decision.block;
      // To whoever acts for a child there is no such record.
      if (decision.reason === "CONFIDENTIAL") continue;
      // That single records may go out says most.
      if (!decision.allowed && (denial === undefined || leavesRecords(decision.reason))) denial = decision;
    }
    if (decided.get(scope) === true) compartments.push(compartment);
  }
  if (compartments.length > 0) return { compartments, block: block! };
  if (denial === undefined) throw noKeys();
  throw noRelease(ctx, input, denial);
}

/** Nothing may be released, for the reason of a decision. */
export function noRelease(
  ctx: Context,
  { patient, viewer, purpose }: Pick<ReleaseKeysInput, "patient" | "viewer" | "purpose">,
  denial: Decision,
): ChartChainError {
  const { reason, nodes } = denial;
  return new ChartChainError(
    "CONSENT_DENIED",
    `no key of patient ${patient} may be released to participant ${viewer} for ${purpose} (${whyDenied(denial)})`,
    {
      details: { patient, viewer, purpose, reason, ...(nodes === undefined ? {} : { nodes }) },
      hint: hintOf(ctx, denial),
    },
  );
}

async function signRelease(
  ctx: Context,
  release: {
    patient: number;
    viewer: number;
    keyVersion: number;
    purpose: Purpose;
    issuedAt: number;
    wraps: KeyWrap[];
  },
): Promise<KeysFile> {
  const { patient, viewer, keyVersion, purpose, issuedAt, wraps } = release;
  const signed = await signMessage(ctx, KEY_RELEASE, {
    patient,
    granter: await ownId(ctx),
    recipient: viewer,
    recipientKeyVersion: keyVersion,
    purpose,
    wraps: wrapDigests(wraps),
    issuedAt,
  });
  const encoded = wraps.map((wrap) => toBase64(encodeKeyWrap(wrap)));
  return { ...header(ctx, "chartchain/grant"), ...signed, wraps: encoded };
}
