import { named } from "./named.js";
import { openSession, type Session } from "./session.js";
import { ACTOR_FLAGS, FORCE } from "../line/common-flags.js";
import type { Result } from "../line/command.js";
import { file, participant } from "../line/flag-kinds.js";
import { optional, required, toggle, type Values } from "../line/flags.js";
import { badUsage } from "../line/usage.js";
import { confirm } from "../terminal/ask.js";
import { caution, done, facts, gas } from "../terminal/tables.js";
import type { Talk } from "../terminal/talk.js";
import { stillSees } from "../words/still-sees.js";
import type { Client, Sent, SignedActionFile } from "../../sdk/index.js";
import { OutputFile } from "../files/output-file.js";
import { signedAction } from "../files/signed-file.js";

/** What every change of a relationship takes that either side may make. */
export const EITHER_SIDE = {
  with: required(participant, "the other side: the provider, or, for a provider, the patient"),
  patient: optional(participant, "by a delegate: in whose place"),
  sign: optional(file, "as the patient: send nothing, write the signed change here, for somebody else to relay"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

/** What it takes where the patient alone may make it. */
export const PATIENT_ONLY = {
  provider: required(participant, "the provider"),
  patient: EITHER_SIDE.patient,
  sign: EITHER_SIDE.sign,
  force: FORCE,
  ...ACTOR_FLAGS,
};

export const YES = toggle("don't ask; what it means is shown all the same");

/** A patient and a provider. */
interface Sides {
  patient: number;
  provider: number;
}

/** One change of a relationship. */
export interface RelationshipChange {
  /** What was done: "Suspended the relationship". */
  did: string;
  send: (client: Client, sides: Sides) => Promise<Sent>;
  sign: (client: Client, sides: Sides) => Promise<SignedActionFile>;
  /** What it means, and what is asked where it can't be taken back. */
  warning: string;
  question?: string;
  /** Says what the provider sees all the same. */
  showsAccess?: boolean;
}

type Given = Values<typeof EITHER_SIDE> & { yes?: boolean };

/** Makes a change from whichever side this home is on. */
export async function changeRelationship(flags: Given, talk: Talk, change: RelationshipChange): Promise<Result> {
  const { sign } = flags;
  await using output = sign === undefined ? undefined : await OutputFile.reserve(sign, flags);
  await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
  const { client } = session;
  const sides = await sidesOf(session, flags);
  const other = await named(client, flags.with);
  talk.note(caution(change.warning));
  if (change.question !== undefined) await confirm(talk, change.question, flags.yes === true);
  if (output !== undefined) return await signedAction(session, output, await change.sign(client, sides));
  const { receipt } = await change.send(client, sides);
  // How a provider's access ends is the patient's to know.
  const still =
    change.showsAccess === true && sides.provider === flags.with
      ? await client.accessOf({ patient: sides.patient, viewer: sides.provider })
      : undefined;
  return {
    data: { ...sides, ...(still === undefined ? {} : { still }), transactions: session.transactions },
    text: [
      done(`${change.did} with ${other}`),
      facts({ "still sees": still && stillSees(still), gas: gas(Number(receipt.gasUsed)) }),
    ].join("\n"),
  };
}

/** Who is the patient and who the provider, by what this home's participant is. */
async function sidesOf({ client }: Session, { with: other, patient, sign }: Given): Promise<Sides> {
  if (patient !== undefined) return { patient, provider: other };
  const own = await client.ownId();
  const { kind } = await client.describeParticipant({ id: own });
  if (kind === "person") return { patient: own, provider: other };
  if (sign !== undefined) throw badUsage("a provider sends its own changes: leave --sign out");
  return { patient: other, provider: own };
}
