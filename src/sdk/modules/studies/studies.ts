import { formatEther, hexlify, randomBytes } from "ethers";

import { studyTermsDigest, type StudyTerms } from "../../../crypto/index.js";
import { ChartChainError } from "../../../errors/index.js";
import type { JsonValue } from "../../../vault/index.js";
import { queryEvents } from "../../chain/events.js";
import { send, type Sent } from "../../chain/transactions.js";
import { currentTime, ownId, requireSigner, requireVault } from "../../context.js";
import { header } from "../../handover/file.js";
import { dataUseCode } from "./data-use.js";
import { shownTerms, type ShownTerms, type StudyTermsFile } from "./terms-file.js";
import { categoriesOf, categoryMask, type Category } from "../../vocabulary.js";
import { STUDY_STATUSES, type StudyStatus } from "./stages.js";
import type { StudiesContext } from "./contracts.js";

/** A study, as the chain tells it. Times in seconds since 1970, amounts in units of 10^-18 of a token. */
export interface Study {
  study: number;
  researcher: number;
  status: StudyStatus;
  categories: Category[];
  /** For each participant; the patient gets 80 % of it, the steward 15 %, and the bank the rest. */
  price: bigint;
  /** Nothing is released before so many consents stand at once. */
  minimum: number;
  maximum: number;
  /** How many take part now. */
  joined: number;
  /** For how many there is something to pay. */
  delivered: number;
  /** For how many it isn't decided yet. */
  disputed: number;
  enrolUntil: number;
  closesAt: number;
  /** Whether data may be delivered now: the study was released, and isn't closed. */
  released: boolean;
  /** For how many the price went back. */
  refunded: number;
  /** For how many the bank has its share. */
  bankPaid: number;
  /** Who put up the escrow. */
  payer: string;
  termsDigest: string;
}

/** What a researcher offers. */
export interface StudyOffer {
  title: string;
  description: string;
  /** Whom a participant turns to: an institution, not a person. */
  contact: string;
  /** Data Use Ontology terms, by code (`DUO:0000007`) or shorthand (`DS`). */
  dataUse: readonly string[];
  /** Terms of a disease ontology, such as `MONDO:0005148`; needed for `DS`, and only there. */
  diseases?: readonly string[];
  categories: readonly Category[];
  /** For each participant, in units of 10^-18 of a token. */
  price: bigint;
  minimum: number;
  maximum: number;
  /** Until when patients join, in seconds since 1970. */
  enrolUntil: number;
  /** Until when data is delivered, in seconds since 1970; five years ahead at the most. */
  closesAt: number;
}

/** An opened study. Hand `terms` to whom it may concern; nobody joins without it. */
export interface OpenedStudy extends Sent {
  study: number;
  terms: StudyTermsFile;
}

/**
 * Opens a study: draws a salt, keeps the terms in the vault, lets the contract take the escrow of price × maximum, and
 * puts the terms' digest on chain. The terms themselves stay off chain.
 *
 * @throws STUDY_TERMS_MALFORMED, DATA_USE_UNKNOWN, UNKNOWN_NAME, MISSING_CATEGORIES, INVALID_OFFER, NOT_A_RESEARCHER, NOT_AN_OWNER,
 *   ERC20_INSUFFICIENT_BALANCE, NO_FUNDS
 *
 * @example
 * const { study, terms } = await researcher.openStudy({
 *   title: "Blood pressure", description: "How it changes with age", contact: "General Hospital",
 *   dataUse: ["HMB", "NCU"], categories: ["OBSERVATION"], price: 10n * 10n ** 18n,
 *   minimum: 5, maximum: 50, enrolUntil, closesAt,
 * });
 */
export async function openStudy(ctx: StudiesContext, offer: StudyOffer): Promise<OpenedStudy> {
  const researcher = await ownId(ctx);
  const terms = termsOf(offer, researcher);
  const termsDigest = hexlify(studyTermsDigest(terms));
  const { price, minimum, maximum, enrolUntil, closesAt } = offer;
  await requireSensible(ctx, offer);
  await approveEscrow(ctx, price * BigInt(maximum));

  // Before the digest is on chain: a study whose salt is lost can't be joined.
  keepTerms(ctx, termsDigest, shownTerms(terms));
  const { categories } = terms;
  const sent = await send(ctx, "openStudy", {
    contract: ctx.contracts.Studies,
    method: "open",
    args: [{ termsDigest, categories, price, minimum, maximum, enrolUntil, closesAt }],
  });
  const study = Number(sent.events["StudyOpened"]?.["study"]);
  return { ...sent, study, terms: { ...header(ctx, "chartchain/study-terms"), study, terms: shownTerms(terms) } };
}

/**
 * The terms of a study that the client's vault keeps: of one that it opened or joined.
 *
 * @throws UNKNOWN_STUDY, STUDY_TERMS_UNKNOWN, VAULT_MISSING
 *
 * @example
 * const file = await researcher.studyTermsOf({ study: 1 });
 */
export async function studyTermsOf(ctx: StudiesContext, { study }: { study: number }): Promise<StudyTermsFile> {
  const { termsDigest } = await studyOf(ctx, { study });
  const terms = requireVault(ctx).settings.get(termsName(termsDigest)) as ShownTerms | undefined;
  if (terms !== undefined) {
    const { researcher } = terms;
    const own = researcher === (await ownId(ctx));
    return { ...header(ctx, "chartchain/study-terms", { about: [researcher], own }), study, terms };
  }
  throw new ChartChainError("STUDY_TERMS_UNKNOWN", `this vault doesn't have the terms of study ${study}`, {
    details: { study },
    hint: "Ask the researcher for the terms file.",
  });
}

/** Keeps a study's terms in the vault. */
export function keepTerms(ctx: StudiesContext, digest: string, terms: ShownTerms): void {
  requireVault(ctx).settings.set(termsName(digest), terms as unknown as JsonValue);
}

/**
 * A study, as the chain tells it.
 *
 * @throws UNKNOWN_STUDY, CHAIN_UNREACHABLE
 *
 * @example
 * const { status, joined, minimum } = await client.studyOf({ study: 1 });
 */
export async function studyOf(ctx: StudiesContext, { study }: { study: number }): Promise<Study> {
  const { Studies } = ctx.contracts;
  const [stored, released] = await Promise.all([Studies.studyOf(study), Studies.isReleased(study)]);
  const status = STUDY_STATUSES[Number(stored.status)]!;
  if (status === "None") {
    throw new ChartChainError("UNKNOWN_STUDY", `there is no study ${study}`, {
      details: { study },
      hint: "Check the number; studies are counted from 1.",
    });
  }
  return {
    study,
    researcher: Number(stored.researcher),
    status,
    categories: categoriesOf(Number(stored.categories)),
    price: stored.price,
    minimum: Number(stored.minimum),
    maximum: Number(stored.maximum),
    joined: Number(stored.joined),
    delivered: Number(stored.delivered),
    enrolUntil: Number(stored.enrolUntil),
    closesAt: Number(stored.closesAt),
    released,
    disputed: Number(stored.disputed),
    refunded: Number(stored.refunded),
    bankPaid: Number(stored.bankPaid),
    payer: stored.payer,
    termsDigest: stored.termsDigest,
  };
}

/**
 * The studies that were opened, oldest first.
 *
 * @param researcher only this one's
 * @param status only those that stand there
 * @throws CHAIN_UNREACHABLE
 *
 * @example
 * const open = await client.listStudies({ status: "Open" });
 */
export async function listStudies(
  ctx: StudiesContext,
  { researcher, status }: { researcher?: number; status?: StudyStatus } = {},
): Promise<Study[]> {
  const { Studies } = ctx.contracts;
  const opened = await queryEvents(ctx, Studies, Studies.filters.StudyOpened(undefined, researcher));
  const studies = await Promise.all(opened.map(({ args }) => studyOf(ctx, { study: Number(args["study"]) })));
  return studies.filter((study) => status === undefined || study.status === status);
}

/**
 * Ends a study when its deliveries can no longer be disputed, seven days after it closed; anybody may. What was delivered
 * is paid, the rest of the escrow goes back ({@link refundStudy}).
 *
 * @throws STUDY_NOT_OPEN, TOO_EARLY, NO_FUNDS
 *
 * @example
 * await anybody.settleStudy({ study: 1 });
 */
export const settleStudy = (ctx: StudiesContext, { study }: { study: number }): Promise<Sent> =>
  end(ctx, "settleStudy", "settle", study);

/**
 * Ends, as the researcher, a study that was not released: the whole escrow goes back ({@link refundStudy}).
 *
 * @throws NOT_CANCELLABLE, STUDY_NOT_OPEN, NO_FUNDS
 *
 * @example
 * await researcher.cancelStudy({ study: 1 });
 */
export const cancelStudy = (ctx: StudiesContext, { study }: { study: number }): Promise<Sent> =>
  end(ctx, "cancelStudy", "cancel", study);

/**
 * Returns what an ended study doesn't owe to who paid for it; anybody may, again when a dispute was decided since.
 *
 * @throws NOTHING_TO_REFUND, NO_FUNDS
 *
 * @example
 * await anybody.refundStudy({ study: 1 });
 */
export const refundStudy = (ctx: StudiesContext, { study }: { study: number }): Promise<Sent> =>
  end(ctx, "refundStudy", "refund", study);

const end = (ctx: StudiesContext, step: string, method: "settle" | "cancel" | "refund", study: number): Promise<Sent> =>
  send(ctx, step, { contract: ctx.contracts.Studies, method, args: [study] });

const termsOf = (offer: StudyOffer, researcher: number): StudyTerms => ({
  version: 1,
  salt: randomBytes(32),
  researcher,
  title: offer.title,
  description: offer.description,
  contact: offer.contact,
  dataUse: [...new Set(offer.dataUse.map(dataUseCode))].sort(),
  diseases: [...new Set(offer.diseases ?? [])].sort(),
  categories: categoryMask(offer.categories),
});

/** What the contract would say after the escrow was approved. */
async function requireSensible(ctx: StudiesContext, { price, minimum, maximum, enrolUntil, closesAt }: StudyOffer) {
  const now = await currentTime(ctx);
  const longest = Number(await ctx.contracts.Studies.MAX_STUDY_TERM());
  const problem =
    price <= 0n
      ? "it pays nothing"
      : minimum < 1 || minimum > maximum
        ? "the cohort's minimum is below one or above its maximum"
        : enrolUntil <= now || closesAt <= enrolUntil
          ? "it has to close after enrolment ends, which has to be in the future"
          : closesAt > now + longest
            ? "it closes more than five years ahead"
            : undefined;
  if (problem === undefined) return;
  throw new ChartChainError("INVALID_OFFER", `the study can't be opened: ${problem}`, {
    details: { price: String(price), minimum, maximum, enrolUntil, closesAt },
    hint: "Nothing was sent. Correct the offer.",
  });
}

/** Lets the contract take exactly the escrow. */
async function approveEscrow(ctx: StudiesContext, escrow: bigint): Promise<void> {
  const { ChartToken } = ctx.contracts;
  const spender = await ctx.contracts.Studies.getAddress();
  const owner = await requireSigner(ctx).getAddress();
  const [balance, allowance] = await Promise.all([ChartToken.balanceOf(owner), ChartToken.allowance(owner, spender)]);
  if (balance < escrow) {
    throw new ChartChainError(
      "ERC20_INSUFFICIENT_BALANCE",
      `the escrow is ${formatEther(escrow)} CHART, and the account has ${formatEther(balance)}`,
      {
        details: { needed: String(escrow), balance: String(balance) },
        hint: "Nothing was sent. Get tokens first, or offer less.",
      },
    );
  }
  if (allowance < escrow) {
    await send(ctx, "approveEscrow", { contract: ChartToken, method: "approve", args: [spender, escrow] });
  }
}

const termsName = (digest: string): string => `study-terms:${digest}`;
