import {
  ACCOUNT_SCOPES,
  type AccountInfo,
  type AccountScope,
  chainCall,
  type DelegateEntry,
  type ParticipantClient,
  type ParticipantInfo,
  type PatientSettings,
  type RecoveryState,
} from "../../sdk/index.js";
import { requireParticipant } from "../arguments.js";
import { numberIn, readEvents, type Wanted } from "./reading.js";
import { openRecoveries } from "./recoveries.js";

/** Somebody in whose place a participant may act, and how. */
export interface ActsFor extends DelegateEntry {
  patient: number;
  /** A child's representative. */
  isChild: boolean;
}

/** What a participant is. */
export interface WhoAmI extends ParticipantInfo {
  /** The account that asked, and what it may do for the participant; undefined for one of somebody else, or none. */
  account: { account: string; scope: AccountScope } | undefined;
  /** Every account that it has or had. */
  accounts: AccountInfo[];
  /** Persons: what they want kept to. */
  settings: PatientSettings | undefined;
  /** Persons: who may act in their place, and whom a court announced. */
  delegates: DelegateEntry[];
  /** Persons: in whose place they may act; children among them. */
  actsFor: ActsFor[];
  /** A child: who attested it, and in which calendar year it comes of age. */
  childhood: { issuer: number; comesOfAgeIn: number } | undefined;
  /** Recoveries that are open, of its own account or started by it. */
  recoveries: RecoveryState[];
}

/**
 * What a participant is: patient or institution, under which name and licence, with which accounts, who acts for it and for whom
 * it acts. Who there ever was, the index tells; how each stands, the contracts.
 *
 * @param participant the one of the client's account when left out
 * @returns undefined for an account that belongs to nobody
 * @throws ARGUMENT_INVALID, INDEX_MISSING, SIGNER_MISSING, UNKNOWN_PARTICIPANT, NAME_UNVERIFIED, NAME_CHANGED, and what
 *   {@link ChainIndex.sync} throws
 *
 * @example
 * const me = await whoAmI(client);
 * console.log(me?.kind, me?.id, me?.accounts.length);
 */
export async function whoAmI(
  client: ParticipantClient,
  { participant }: { participant?: number } = {},
): Promise<WhoAmI | undefined> {
  if (participant !== undefined) requireParticipant("participant", participant);
  const address = await client.signer?.getAddress();
  const { Registrar } = client.contracts;
  const [own, stored] =
    address === undefined
      ? [0, undefined]
      : await chainCall(async () => {
          const answers = await Promise.all([Registrar.participantOf(address), Registrar.accountOf(address)]);
          return [Number(answers[0]), answers[1]] as const;
        });
  const id = participant ?? own;
  if (id === 0) return undefined;
  const info = await client.describeParticipant({ id });
  const isPerson = info.kind === "person";
  const [accounts, settings, delegates, actsFor, childhood, recoveries] = await Promise.all([
    client.listAccounts({ participant: id }),
    isPerson ? client.settingsOf({ patient: id }) : undefined,
    isPerson ? client.listDelegates({ patient: id }) : [],
    isPerson ? actsForWhom(client, id) : [],
    isPerson ? client.childhoodOf({ child: id }) : undefined,
    openRecoveries(client, { participant: id }),
  ]);
  const scope = ACCOUNT_SCOPES[Number(stored?.scope ?? 0)]!;
  return {
    ...info,
    account: address !== undefined && own === id ? { account: address, scope } : undefined,
    ...{ accounts, settings, delegates, actsFor, childhood, recoveries },
  };
}

async function actsForWhom(client: ParticipantClient, id: number): Promise<ActsFor[]> {
  const wanted: Wanted = { kinds: { Delegates: ["DelegateAppointed"] }, about: [undefined, [id]] };
  const patients = await readEvents(client, [wanted], (events) => [
    ...new Set(events.of(wanted).map((event) => numberIn(event, "patient"))),
  ]);
  const entries = await Promise.all(
    patients.map(async (patient) => {
      const powers = await client.powersOf({ patient, delegate: id });
      if (powers === undefined) return [];
      return [{ ...powers, patient, isChild: (await client.childhoodOf({ child: patient })) !== undefined }];
    }),
  );
  return entries.flat();
}
