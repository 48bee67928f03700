import type { Context } from "./context.js";
import type { Bound } from "./module.js";
import { bindActions, openContext, type ClientOptions } from "./open-context.js";
import { listAccounts } from "./people/accounts.js";
import { childhoodOf } from "./people/children.js";
import { listDelegates, powersOf } from "./people/delegates.js";
import { describeParticipant } from "./people/participants.js";
import { recoveryOf } from "./people/recovery.js";
import { settingsOf } from "./people/settings.js";

const participantActions = {
  childhoodOf,
  describeParticipant,
  listAccounts,
  listDelegates,
  powersOf,
  recoveryOf,
  settingsOf,
};

/** The part of a client that tells what a participant is. */
export type ParticipantClient = Context & Bound<typeof participantActions>;

/**
 * Makes that part alone, for a program that starts often: without records, cryptography and FHIR it loads in a third of the time.
 *
 * @throws what {@link openContext} throws
 */
export async function openParticipantClient(
  options: Omit<ClientOptions, "vault" | "store">,
): Promise<ParticipantClient> {
  const context = await openContext(options);
  return { ...context, ...bindActions(context, participantActions) };
}
