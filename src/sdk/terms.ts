import type { Consent } from "@medplum/fhirtypes";
import { getBytes, hexlify } from "ethers";

import { blockDigest, openSealed, padmeSize, sealTo } from "../crypto/index.js";
import { ChartChainError, isChartChainError } from "../errors/index.js";
import { buildConsent, type Category, type Purpose } from "../fhir/index.js";
import { cidFromSha256 } from "../storage/index.js";
import { powersOf } from "./actions/delegates.js";
import { keepTerms } from "./approved-terms.js";
import { currentTime, requireStore, requireVault, type Context } from "./context.js";
import { keyDocumentOf, participantIdentifier } from "./participants.js";
import { CATEGORIES } from "./vocabulary.js";

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

/** Terms that name everything fit into this many bytes. */
const SMALLEST_TERMS = 4_096;

const termsInfo = (patient: number, provider: number) =>
  new TextEncoder().encode(`ChartChain relationship terms v1|${patient}|${provider}`);

/**
 * Writes terms as a FHIR Consent, seals them to who answers, and pins them as one block.
 *
 * @throws READER_NOT_EMPOWERED
 * @returns the block's digest, which goes on chain and is its CID
 */
export async function publishTerms(
  ctx: Context,
  patient: number,
  provider: number,
  input: TermsInput,
): Promise<string> {
  const reader = input.reader ?? patient;
  if (reader !== patient && !(await powersOf(ctx, { patient, delegate: reader }))?.approve) {
    throw new ChartChainError("READER_NOT_EMPOWERED", `participant ${reader} may not answer for patient ${patient}`, {
      details: { reader, patient },
      hint: "Name a delegate with the power to approve, or leave the reader out.",
    });
  }
  const now = await currentTime(ctx);
  const dateTime = iso(now);
  const consent = buildConsent({
    patient: participantIdentifier(ctx, patient),
    recipient: participantIdentifier(ctx, provider),
    custodian: participantIdentifier(ctx, provider),
    purposes: input.purposes ?? ["TREAT"],
    categories: input.categories ?? CATEGORIES,
    period: { start: dateTime, ...(input.until === 0 ? {} : { end: iso(input.until) }) },
    dateTime,
    policyUri: input.policyUri ?? "https://hl7.org/fhir/R4/consent.html",
  });
  const { publicKey } = await keyDocumentOf(ctx, reader);
  const json = JSON.stringify(consent);
  // White space behind the JSON, so that the block's length tells no categories apart.
  const plaintext = new TextEncoder().encode(json.padEnd(Math.max(SMALLEST_TERMS, padmeSize(json.length))));
  const block = await sealTo(publicKey, termsInfo(patient, provider), plaintext);
  await requireStore(ctx).putBlock(block, { pin: true });
  const digest = hexlify(blockDigest(block));
  if (ctx.vault !== undefined) await keepTerms(ctx, patient, provider, digest, consent);
  return digest;
}

/**
 * Fetches and opens the terms of a proposal or an offer, and makes sure that they are about these two and this end.
 *
 * @throws TERMS_UNAVAILABLE when the block is missing or doesn't match the digest; TERMS_INVALID when what is in it
 *   isn't about this relationship
 */
export async function readTerms(
  ctx: Context,
  patient: number,
  provider: number,
  proposal: { termsDigest: string; until: number },
): Promise<Consent> {
  let block: Uint8Array;
  try {
    block = await requireStore(ctx).getBlock(cidFromSha256(getBytes(proposal.termsDigest)));
  } catch (cause) {
    if (!isChartChainError(cause, "BLOCK_MISSING") && !isChartChainError(cause, "BLOCK_CORRUPT")) throw cause;
    const why = cause.code === "BLOCK_MISSING" ? "can't be found" : "don't match their digest";
    throw new ChartChainError("TERMS_UNAVAILABLE", `the terms of provider ${provider} ${why}`, {
      details: { termsDigest: proposal.termsDigest },
      hint: "Don't approve. Ask the provider to propose again.",
      cause,
    });
  }
  let consent: Consent | null;
  try {
    const plaintext = await openTerms(ctx, termsInfo(patient, provider), block);
    consent = JSON.parse(new TextDecoder().decode(plaintext)) as Consent | null;
  } catch (cause) {
    throw invalid(provider, "they aren't sealed to this patient, nor to this reader", cause);
  }
  const named = (id: number) => participantIdentifier(ctx, id).identifier.value;
  if (consent?.resourceType !== "Consent") throw invalid(provider, "they aren't a FHIR Consent");
  if (consent.patient?.identifier?.value !== named(patient)) throw invalid(provider, "they name another patient");
  if (consent.provision?.actor?.[0]?.reference?.identifier?.value !== named(provider)) {
    throw invalid(provider, "they name another provider");
  }
  const end = consent.provision.period?.end;
  if ((proposal.until === 0) !== (end === undefined) || (end !== undefined && end !== iso(proposal.until))) {
    throw invalid(provider, "they name another end than the chain does");
  }
  await keepTerms(ctx, patient, provider, proposal.termsDigest, consent);
  return consent;
}

/** Terms may be sealed to a key that has been replaced since. */
async function openTerms(ctx: Context, info: Uint8Array, block: Uint8Array): Promise<Uint8Array> {
  const { identity } = requireVault(ctx);
  let problem: unknown;
  for (const version of identity.keyVersions().reverse()) {
    try {
      return await openSealed(await identity.keyPair(version), info, block);
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");

function invalid(provider: number, reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("TERMS_INVALID", `the terms of provider ${provider} can't be used: ${reason}`, {
    hint: "Don't approve. Ask the provider to propose again.",
    cause,
  });
}
