import type { Block } from "ethers";

import { queryEvents } from "../chain/events.js";
import { signedCall } from "../chain/signed-call.js";
import type { Context } from "../context.js";
import { accountEvents } from "../handover/pinned.js";
import { categoryIndex, purposeIndex } from "../vocabulary.js";
import type { Question } from "./question.js";

/**
 * Whether a grant's newest word on a category is the patient's own, rather than that of who acts for it. The contracts don't
 * note who granted: the transaction says whose call it was, or whose signature it carried. A grant that went through another
 * contract is taken for somebody else's: a contract account has its signature relayed instead.
 *
 * Nobody but the patient grants for research.
 *
 * @param steward the grant's: who keeps the records, or everybody
 */
export async function isOwnWord(
  view: Context,
  { patient, viewer, purpose, category }: Question,
  steward: number,
  head: Block,
): Promise<boolean> {
  if (purpose === "HRESCH") return true;
  const { Consents } = view.contracts;
  const filters = [
    Consents.filters.Granted(patient, viewer, steward),
    Consents.filters.GrantConstrained(patient, viewer, steward),
  ];
  const found = await Promise.all(filters.map((filter) => queryEvents(view, Consents, filter, undefined, head.number)));
  const newest = found
    .flat()
    .filter(({ args }) => Number(args["purpose"]) === purposeIndex(purpose) && names(args["categories"], category))
    .sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index)
    .at(-1);
  const call = newest && (await signedCall(view, Consents, newest));
  if (call === undefined) return false;
  const { authorization } = call.args.toObject() as { authorization?: { account: string } };
  const account = authorization?.account ?? call.signer;
  return (await accountEvents(view, patient, head.number)).some((own) => own.account === account);
}

const names = (mask: unknown, category: Question["category"]): boolean =>
  (Number(mask) & (1 << categoryIndex(category))) !== 0;
