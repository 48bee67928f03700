import { CATEGORIES, type Category, type Client, type Purpose } from "chartchain";
import { whoMaySee, type Seer } from "chartchain/watch";

/** Whether a viewer may see one category of a patient's records here, and on what that rests or what is missing. */
export interface Explained {
  category: Category;
  allowed: boolean;
  /** Of a denial: what is missing, as `decide` names it. */
  reason: string | undefined;
  /** What the index knows of that would allow it, or does: each with its end, in seconds since 1970. */
  bases: {
    basis: Seer["basis"];
    purpose: Purpose | undefined;
    until: number;
    constrained: boolean;
    waitsFor: Seer["waitsFor"];
  }[];
  /** What was handed over here about this viewer, and counts though the chain may not have it yet. Times in seconds since 1970. */
  handedOver: HandedOver[];
}

/** A signed action that counts before the chain has it. */
export interface HandedOver {
  says: string;
  received: number;
  /** Of a revocation: since when it denies; of a grant at the desk: until when it allows. */
  deniedSince?: number;
  countsUntil?: number;
  state: string;
}

/**
 * Says for the patient, and for the institution that keeps the records, which grant allows something or what is missing. Each
 * answer is the decision itself, not a guess at it.
 *
 * @param handedOver what counts here beside the chain
 * @throws NOT_A_PATIENT; CHAIN_UNREACHABLE and what else the node throws
 */
export async function explain(
  client: Client,
  asked: { patient: number; steward: number; viewer: number; purpose: Purpose },
  handedOver: HandedOver[] = [],
): Promise<Explained[]> {
  const { patient, steward, viewer } = asked;
  const { seers } = await whoMaySee(client, { patient });
  const withdrawn = await client.withdrawnAmong({ people: [patient, viewer] });
  const theirs = seers.filter((seer) => seer.viewer === viewer && [0, steward].includes(seer.steward));
  return Promise.all(
    CATEGORIES.map(async (category) => {
      const decision = await client.decide({ ...asked, category });
      const { allowed, reason } = withdrawn.length > 0 ? { allowed: false, reason: "IDENTITY_WITHDRAWN" } : decision;
      const bases = theirs.flatMap(({ basis, purpose, sees, constrained, waitsFor }) =>
        sees
          .filter((each) => each.category === category)
          .map(({ until }) => ({ basis, purpose, until, constrained, waitsFor })),
      );
      return { category, allowed, reason, bases, handedOver };
    }),
  );
}
