import { readGuardians } from "../../sdk/people/guardians.js";
import type { GuardiansFile } from "../../sdk/index.js";
import { readJsonFile } from "../files/input-file.js";
import { OutputFile } from "../files/output-file.js";
import { signedAction } from "../files/signed-file.js";
import { ACTOR_FLAGS, FORCE } from "../line/common-flags.js";
import type { Result } from "../line/command.js";
import { address, file } from "../line/flag-kinds.js";
import { optional, required, toggle, type Values } from "../line/flags.js";
import { confirm } from "../terminal/ask.js";
import { caution, done, facts, gas, next } from "../terminal/tables.js";
import type { Talk } from "../terminal/talk.js";
import type { RecoveryStep } from "../words/recovery-steps.js";
import { openSession, type Needs, type Session } from "./session.js";

/** What every step of a recovery takes. */
export const STEP_FLAGS = {
  sign: optional(file, "send nothing: write the signed decision here, for somebody else to relay"),
  yes: toggle("don't ask; what happens is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

/** The guardians' file, where it has to be given. */
export const GUARDIANS = required(file, "the guardians' file");

/** What a guardian's steps take. */
export const GUARDIAN_FLAGS = {
  guardians: GUARDIANS,
  account: required(address, "the person's new account, as he or she told it in person"),
  ...STEP_FLAGS,
};

type Given = Values<typeof STEP_FLAGS> & { guardians: string | undefined };

/**
 * Takes one step of a recovery: shows what it means, asks, and sends it, or writes it signed.
 *
 * @param name of the step, for programs
 * @param make what the step is, once there is a client
 */
export async function takeRecoveryStep(
  name: "start" | "approve" | "veto" | "execute",
  flags: Given,
  talk: Talk,
  vault: Needs["vault"],
  make: (client: Session["client"], guardians: GuardiansFile | undefined) => RecoveryStep | Promise<RecoveryStep>,
): Promise<Result> {
  const given = flags.guardians === undefined ? undefined : await readJsonFile(flags.guardians);
  await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
  await using session = await openSession(flags, talk, { account: "sign", vault });
  const { client, transactions } = session;
  const guardians = given === undefined ? undefined : readGuardians(client, given);
  const { shown, warning, question, send, sign, did } = await make(client, guardians);
  talk.note(facts(shown));
  talk.note(caution(warning));
  await confirm(talk, question, flags.yes);
  if (output !== undefined) return await signedAction(session, output, await sign());
  const { receipt } = await send();
  const { what, data, words, then } = await did();
  return {
    data: { step: name, ...data, transactions },
    text: [done(what), facts({ ...words, gas: gas(Number(receipt.gasUsed)) }), ...then.map(next)].join("\n"),
  };
}
