import type { Consent } from "@medplum/fhirtypes";

import { ChartChainError } from "../../errors/index.js";
import { readConsent, type Category, type Purpose } from "../../fhir/index.js";
import { requireVault, type Context } from "../context.js";
import {
  CATEGORIES,
  categoryIndex,
  EVERY_STEWARD,
  laneEnd,
  PURPOSES,
  purposeIndex,
  STATUSES,
  type RelationshipStatus,
  UNCONSTRAINED,
} from "../vocabulary.js";

/** Which records a provider may keep, and what for. */
export interface RelationshipTerms {
  categories: Category[];
  purposes: Purpose[];
}

/** What the chain says of a relationship, as far as it matters here. */
export interface Standing {
  status: bigint;
  termsDigest: string;
}

/** Terms that a vault has seen, each with whether they were the relationship's when it last looked. */
interface KeptTerms extends RelationshipTerms {
  /** The 160 bits of their digest that the relationship names. */
  digest: string;
  approved: boolean;
}

/** Terms of proposals that nobody approved don't pile up. */
const MOST_UNAPPROVED = 20;

/** Where the terms of a relationship were agreed on. */
const BEGAN: readonly RelationshipStatus[] = ["Active", "SuspendedByPatient", "SuspendedByProvider", "Ended"];

const keptTerms = (ctx: Context, patient: number, provider: number): KeptTerms[] =>
  (requireVault(ctx).access.agreedTerms.get({ patient, provider }) as KeptTerms[] | undefined) ?? [];

/**
 * Keeps what terms say, sealed in the vault, for when they are approved: the provider that sealed them to the patient
 * can't read them any more, and the patient may not find their block any more.
 *
 * @param digest of the sealed terms
 */
export async function keepTerms(
  ctx: Context,
  patient: number,
  provider: number,
  digest: string,
  consent: Consent,
): Promise<void> {
  const { categories, purposes } = readConsent(consent);
  const shortened = onChain(digest);
  if (keptTerms(ctx, patient, provider).some((each) => each.digest === shortened)) return;
  // Notes which of them count by now: these stay.
  await approvedTerms(ctx, { patient, provider });
  const kept = keptTerms(ctx, patient, provider);
  const unapproved = kept.filter(({ approved }) => !approved).slice(1 - MOST_UNAPPROVED);
  const all = [...kept.filter(({ approved }) => approved), ...unapproved];
  store(ctx, patient, provider, [
    ...all,
    { digest: shortened, categories: [...categories], purposes: [...purposes], approved: false },
  ]);
}

/**
 * The terms of a relationship as it stands, or stood last; undefined where this vault never saw them.
 *
 * @param standing how it stands, where that was just asked
 * @throws CHAIN_UNREACHABLE
 */
export async function approvedTerms(
  ctx: Context,
  { patient, provider }: { patient: number; provider: number },
  standing?: Standing,
): Promise<RelationshipTerms | undefined> {
  const kept = keptTerms(ctx, patient, provider);
  if (kept.length === 0) return undefined;
  const { PatientProviderRelationships } = ctx.contracts;
  const { termsDigest, status } = standing ?? (await PatientProviderRelationships.relationship(patient, provider));
  // What is only proposed names terms, too.
  const began = BEGAN.includes(STATUSES[Number(status)]!);
  const terms = began ? kept.find(({ digest }) => digest === termsDigest) : undefined;
  if (terms === undefined) return undefined;
  if (!terms.approved) {
    const changed = kept.map((each) => (each === terms ? { ...terms, approved: true } : each));
    store(ctx, patient, provider, changed);
  }
  return { categories: terms.categories, purposes: terms.purposes };
}

/**
 * Whether a record is of a category that none of the terms name which its steward and the patient ever agreed on, as far
 * as this vault saw; false where it saw none. Asks nobody.
 */
export function isOutsideTerms(
  ctx: Context,
  { patient, steward, category }: { patient: number; steward: number; category: Category },
): boolean {
  const approved = keptTerms(ctx, patient, steward).filter((terms) => terms.approved);
  return approved.length > 0 && approved.every(({ categories }) => !categories.includes(category));
}

/**
 * Refuses to write what the patient didn't agree to: a provider keeps records of the categories that its terms name. What
 * a patient reports has no terms, and terms that this vault never saw can't be asked.
 *
 * @param standing as in {@link approvedTerms}
 * @throws OUTSIDE_TERMS, UNKNOWN_NAME
 */
export async function requireWithinTerms(
  ctx: Context,
  { patient, steward, category }: { patient: number; steward: number; category: Category },
  standing?: Standing,
): Promise<void> {
  categoryIndex(category);
  if (patient === steward) return;
  const terms = await approvedTerms(ctx, { patient, provider: steward }, standing);
  if (terms === undefined || terms.categories.includes(category)) return;
  throw new ChartChainError("OUTSIDE_TERMS", `patient ${patient} didn't agree to ${category} records`, {
    details: { patient, steward, category, agreed: terms.categories },
    hint: "Nothing was written. Propose a relationship on terms that name this category.",
  });
}

/**
 * The purposes that a steward keeps its own records for: those of its terms, and what the patient granted it besides;
 * every purpose where this vault never saw the terms.
 *
 * @throws CHAIN_UNREACHABLE
 */
export async function purposesOfSteward(
  ctx: Context,
  { patient, steward, category }: { patient: number; steward: number; category: Category },
): Promise<Purpose[]> {
  const terms = await approvedTerms(ctx, { patient, provider: steward });
  if (terms === undefined) return [...PURPOSES];
  const now = ctx.clock();
  const answers = await Promise.all(
    PURPOSES.map(async (purpose) => {
      if (terms.purposes.includes(purpose)) return true;
      const words = await Promise.all(
        [steward, EVERY_STEWARD].map(async (of) => {
          const { Consents } = ctx.contracts;
          const word = [patient, steward, purposeIndex(purpose), of] as const;
          const [[, lanes], constraint] = await Promise.all([
            Consents.grantOf(...word),
            Consents.constraintOf(...word),
          ]);
          return { end: laneEnd(lanes, category), constraint };
        }),
      );
      // One with a constraint adds no purpose: it is about single records.
      return words.some(({ end, constraint }) => end > now && constraint === UNCONSTRAINED);
    }),
  );
  return PURPOSES.filter((_, i) => answers[i]);
}

/** Never refused to the hospital's own staff: care, and what the patient asks for. */
const ALWAYS: readonly Purpose[] = ["TREAT", "ETREAT", "PATRQT"];

/** Refuses a purpose that a steward's terms don't name, for its own records. Throws OUTSIDE_TERMS. */
export async function requirePurposeWithinTerms(
  ctx: Context,
  question: { patient: number; steward: number; viewer: number; category: Category; purpose: Purpose },
): Promise<void> {
  const { patient, steward, viewer, purpose } = question;
  if (viewer !== steward || patient === steward || ALWAYS.includes(purpose)) return;
  const purposes = await purposesOfSteward(ctx, question);
  if (purposes.includes(purpose)) return;
  throw new ChartChainError("OUTSIDE_TERMS", `patient ${patient} didn't agree to ${purpose}`, {
    details: { patient, steward, purpose, agreed: purposes },
    hint: "Open it for a purpose that the terms name, or ask the patient for a grant for this one.",
  });
}

/** What a relationship keeps of a digest: its first 160 bits. */
const onChain = (digest: string): string => digest.slice(0, 42).toLowerCase();

const store = (ctx: Context, patient: number, provider: number, terms: KeptTerms[]): void =>
  requireVault(ctx).access.agreedTerms.set(
    { patient, provider },
    terms.map(({ digest, categories, purposes, approved }) => ({
      digest,
      categories: CATEGORIES.filter((name) => categories.includes(name)),
      purposes: PURPOSES.filter((name) => purposes.includes(name)),
      approved,
    })),
  );
