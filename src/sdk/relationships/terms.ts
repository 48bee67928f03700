import type { Consent } from "@medplum/fhirtypes";
import { getBytes, hexlify, randomBytes } from "ethers";

import { openSealed, padmeSize, SALT_LENGTH, saltedDigest, sealTo } from "../../crypto/index.js";
import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { buildConsent, readConsent, type Category, type ConsentTerms, type Purpose } from "../../fhir/index.js";
import { powersOf } from "../people/delegates.js";
import { keepTerms } from "./approved-terms.js";
import { currentTime, requireVault, type Context } from "../context.js";
import { fromBase64, header, is, parseHandover, toBase64, type HandoverHeader } from "../handover/file.js";
import { keyDocumentOf, participantIdentifier } from "../people/participants.js";
import { CATEGORIES } from "../vocabulary.js";

/** What a relationship is about, as the patient reads it. */
export interface TermsInput {
  /** Which records the provider will keep; every category when left out. */
  categories?: readonly Category[];
  /** What for; treatment when left out. */
  purposes?: readonly Purpose[];
  /** The privacy policy that was presented. */
  policyUri?: string;
  /** When the relationship ends, in seconds since 1970; 0: it doesn't. */
  until: number;
  /** A delegate who answers in the patient's place: the terms are sealed to this participant, not to the patient. */
  reader?: number;
}

/** Sealed terms and the salt of their digest: they travel in files and are on IPFS nowhere. */
export interface SealedTerms {
  /** 32 random bytes in hex. */
  salt: string;
  /** Base64; whom they are sealed to opens them. */
  terms: string;
}

/** The terms of a proposal that is on chain, for who answers it. */
export interface TermsFile extends HandoverHeader, SealedTerms {
  kind: "chartchain/terms";
  patient: number;
  provider: number;
}

/** The fields of {@link SealedTerms} in a file. */
export const TERMS_SHAPE = { salt: is.digest, terms: is.base64 };

/** Terms that name everything fit into this many bytes. */
const SMALLEST_TERMS = 4_096;

const termsInfo = (patient: number, provider: number) =>
  new TextEncoder().encode(`ChartChain relationship terms v1|${patient}|${provider}`);

/** What goes on chain about terms. */
export const termsDigestOf = ({ salt, terms }: SealedTerms): string =>
  hexlify(saltedDigest("terms", getBytes(salt), fromBase64(terms)));

/**
 * Writes terms as a FHIR Consent and seals them to who answers.
 *
 * @throws READER_NOT_EMPOWERED; TERMS_INVALID for terms that no patient would be shown
 * @returns the sealed terms, and their digest, which goes on chain
 */
export async function writeTerms(
  ctx: Context,
  patient: number,
  provider: number,
  input: TermsInput,
): Promise<SealedTerms & { termsDigest: string }> {
  const reader = input.reader ?? patient;
  if (reader !== patient && !(await powersOf(ctx, { patient, delegate: reader }))?.approve) {
    throw new ChartChainError("READER_NOT_EMPOWERED", `participant ${reader} may not answer for patient ${patient}`, {
      details: { reader, patient },
      hint: "Name a delegate with the power to approve, or leave the reader out.",
    });
  }
  const consent = consentOf(ctx, patient, provider, {
    purposes: input.purposes ?? ["TREAT"],
    categories: input.categories ?? CATEGORIES,
    policyUri: input.policyUri ?? "https://hl7.org/fhir/R4/consent.html",
    dateTime: iso(await currentTime(ctx)),
    until: input.until,
  });
  const { publicKey } = await keyDocumentOf(ctx, reader);
  const json = JSON.stringify(consent);
  // White space behind the JSON, so that the file's length tells no categories apart.
  const plaintext = new TextEncoder().encode(json.padEnd(Math.max(SMALLEST_TERMS, padmeSize(json.length))));
  // Before anything is proposed that no patient's software would show: without a purpose, with one twice.
  requireTerms(ctx, patient, provider, input.until, consent);
  const sealed = await sealTo(publicKey, termsInfo(patient, provider), plaintext);
  const file = { salt: hexlify(randomBytes(SALT_LENGTH)), terms: toBase64(sealed) };
  const termsDigest = termsDigestOf(file);
  if (ctx.vault !== undefined) await keepTerms(ctx, patient, provider, termsDigest, consent);
  return { ...file, termsDigest };
}

/** The file of a proposal's terms. */
export const termsFile = (
  ctx: Context,
  patient: number,
  provider: number,
  { salt, terms }: SealedTerms,
): TermsFile => ({
  ...header(ctx, "chartchain/terms"),
  patient,
  provider,
  salt,
  terms,
});

/**
 * Takes the terms of a proposal into the vault, as who answers it. What they say is read, and held against the chain, when
 * the proposal is shown and when it is approved.
 *
 * @param file what the provider's proposal came with
 * @throws HANDOVER_MALFORMED, HANDOVER_WRONG_KIND, HANDOVER_WRONG_CHAIN, VAULT_MISSING
 *
 * @example
 * await client.takeTerms({ file: JSON.parse(await readFile("terms.json", "utf8")) });
 */
export async function takeTerms(
  ctx: Context,
  { file }: { file: unknown },
): Promise<{ patient: number; provider: number; termsDigest: string }> {
  const shape = { patient: is.id, provider: is.id, ...TERMS_SHAPE };
  const given = parseHandover<TermsFile>(ctx, "chartchain/terms", shape, file);
  const { patient, provider } = given;
  return Promise.resolve({ patient, provider, termsDigest: keepSealed(ctx, given) });
}

/** Keeps sealed terms in the vault until they are read. Returns their digest. */
export function keepSealed(ctx: Context, { salt, terms }: SealedTerms): string {
  const digest = termsDigestOf({ salt, terms });
  requireVault(ctx).settings.set(sealedName(digest), terms);
  return digest;
}

const sealedName = (digest: string): string => `sealed-terms:${digest.toLowerCase()}`;

/**
 * Opens the terms of a proposal or an offer, which the vault keeps, and makes sure that they are about these two and this
 * end.
 *
 * @throws TERMS_UNAVAILABLE when the vault doesn't have them; TERMS_INVALID when what is in them isn't about this
 *   relationship, or says more than is shown
 */
export async function readTerms(
  ctx: Context,
  patient: number,
  provider: number,
  proposal: { termsDigest: string; until: number },
): Promise<Consent> {
  const sealed = requireVault(ctx).settings.get(sealedName(proposal.termsDigest));
  if (typeof sealed !== "string") {
    throw new ChartChainError("TERMS_UNAVAILABLE", `the terms of provider ${provider} aren't in this vault`, {
      details: { provider, termsDigest: proposal.termsDigest },
      hint: `Don't approve. Ask provider ${provider} for the terms file of its proposal, and take it in.`,
    });
  }
  let text: string;
  let parsed: unknown;
  try {
    const plaintext = await openTerms(ctx, termsInfo(patient, provider), fromBase64(sealed));
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plaintext);
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalid(provider, "they aren't sealed to this patient, nor to this reader, or aren't JSON", cause);
  }
  const consent = requireTerms(ctx, patient, provider, proposal.until, parsed);
  // A name that stands twice in an object is read once, and by somebody else perhaps the other one.
  if (text.replace(/ +$/, "") !== JSON.stringify(consent)) throw invalid(provider, "they aren't written as terms are");
  await keepTerms(ctx, patient, provider, proposal.termsDigest, consent);
  return consent;
}

/**
 * Makes sure that something parsed from JSON is what {@link writeTerms} writes about these two, this end, and the purposes
 * and categories that are read out of it: what is signed says no more than what is shown.
 *
 * @throws TERMS_INVALID
 */
export function requireTerms(ctx: Context, patient: number, provider: number, until: number, parsed: unknown): Consent {
  const claimed = parsed as Consent | null;
  const named = (id: number) => participantIdentifier(ctx, id).identifier.value;
  if (claimed?.resourceType !== "Consent") throw invalid(provider, "they aren't a FHIR Consent");
  if (claimed.patient?.identifier?.value !== named(patient)) throw invalid(provider, "they name another patient");
  if (claimed.provision?.actor?.[0]?.reference?.identifier?.value !== named(provider)) {
    throw invalid(provider, "they name another provider");
  }
  const end = claimed.provision.period?.end;
  if ((until === 0) !== (end === undefined) || (end !== undefined && end !== iso(until))) {
    throw invalid(provider, "they name another end than the chain does");
  }
  let terms: ConsentTerms;
  try {
    terms = readConsent(parsed);
  } catch (cause) {
    if (!isChartChainError(cause, "CONSENT_NOT_PLAIN")) throw cause;
    throw invalid(provider, cause.message, cause);
  }
  const consent = consentOf(ctx, patient, provider, { ...terms, until });
  // The date, the status, who keeps the records and who agrees aren't shown: they are as they always are.
  if (sorted(consent) !== sorted(parsed)) throw invalid(provider, "they say something that isn't shown");
  return consent;
}

/** JSON with the members of each object in one order. */
const sorted = (json: unknown): string =>
  JSON.stringify(json, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** Terms as a Consent: who, what and until when; nothing else is said in them. */
const consentOf = (
  ctx: Context,
  patient: number,
  provider: number,
  terms: Pick<ConsentTerms, "purposes" | "categories" | "policyUri" | "dateTime"> & { until: number },
): Consent =>
  buildConsent({
    patient: participantIdentifier(ctx, patient),
    recipient: participantIdentifier(ctx, provider),
    custodian: participantIdentifier(ctx, provider),
    purposes: terms.purposes,
    categories: terms.categories,
    period: { start: terms.dateTime, ...(terms.until === 0 ? {} : { end: iso(terms.until) }) },
    dateTime: terms.dateTime,
    policyUri: terms.policyUri,
  });

/** Terms may be sealed to a key that has been replaced since. */
async function openTerms(ctx: Context, info: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  const { identity } = requireVault(ctx);
  let problem: unknown;
  for (const version of identity.keyVersions().reverse()) {
    try {
      return await openSealed(await identity.keyPair(version), info, sealed);
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

/** Empty for a time that no calendar has: an offer may name any number. */
function iso(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().replace(/\.\d+Z$/, "Z");
}

function invalid(provider: number, reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("TERMS_INVALID", `the terms of provider ${provider} can't be used: ${reason}`, {
    hint: "Don't approve. Ask the provider to propose again.",
    cause,
  });
}
