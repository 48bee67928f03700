import { openSession, type Session } from "../actor/session.js";
import { command } from "../line/command.js";
import { ACTOR_FLAGS } from "../line/common-flags.js";
import { wholeNumber } from "../line/flag-kinds.js";
import { optional } from "../line/flags.js";
import { caution, count, day, done, next, time } from "../terminal/tables.js";
import { categoriesInWords, namesOf } from "../words/access-in-words.js";
import { STAGE_WORDS } from "../words/recovery-in-words.js";
import { countWaiting } from "../../sdk/records/waiting.js";
import { endsOf } from "../../watch/ends.js";
import { openRecoveries, patientsOf, openEmergencies, emergenciesOf } from "../../watch/index.js";

/** One thing that somebody should know, and what to do about it. */
interface Waiting {
  kind: string;
  text: string;
  next?: string;
}

const DAY = 86_400;

export default command({
  purpose:
    "Says what waits for this participant: proposals, what ends soon, emergencies and recoveries at it, changes of keys and accounts, the worklist, records that wait to be anchored. What the vault knows is told where there is one: it asks for the passphrase.",
  flags: {
    days: optional(wholeNumber("N", 0, 3_650), "what ends within so many days is named (14)"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--days 60 --home homes/hospital"],
  async run({ days = 14, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "if-there" });
    const { client } = session;
    const own = await client.ownId();
    const { kind } = await client.describeParticipant({ id: own });
    const waiting = [
      ...(await changesOf(session, own)),
      ...(kind === "person" ? await atPerson(session, own) : await atInstitution(session)),
      ...(await endingOf(session, own, days)),
      ...(await inVault(session)),
    ];
    return {
      data: { participant: own, waiting },
      text: [
        done(waiting.length === 0 ? "Nothing waits for you" : `${count(waiting.length, "thing")} to look at`),
        ...waiting.flatMap((each) => [caution(each.text), ...(each.next === undefined ? [] : [next(each.next)])]),
      ].join("\n"),
    };
  },
});

async function atPerson({ client }: Session, own: number): Promise<Waiting[]> {
  const [pending, open, all, recoveries, delegates, guardians] = await Promise.all([
    // Whether the terms can be read only the vault knows; that something was proposed, the chain.
    client.vault === undefined ? [] : client.listPending(),
    openEmergencies(client),
    emergenciesOf(client),
    openRecoveries(client),
    client.listDelegates({ patient: own }),
    client.guardianChangeOf({ participant: own }),
  ]);
  const unreviewed = all.emergencies.filter(({ outcome, isOpen }) => outcome === "Unreviewed" && !isOpen);
  const nameOf = await namesOf(
    client,
    [...open.emergencies, ...unreviewed].map(({ responder }) => responder),
  );
  const now = open.time;
  return [
    ...open.emergencies.map(({ responder, categories, until }) => ({
      kind: "emergency",
      text: `${nameOf(responder)} broke the glass: sees ${categoriesInWords(categories)} until ${time(until)}.`,
      next: `was there an emergency (else --unjustified): chartchain emergency review ${responder} --justified`,
    })),
    ...unreviewed.map(({ responder, number, at }) => ({
      kind: "review",
      text: `${nameOf(responder)} broke the glass on ${day(at)}, and you said nothing about it yet.`,
      next: `was there an emergency (else --unjustified): chartchain emergency review ${responder} --number ${number} --justified`,
    })),
    ...recoveries.map(({ participant, stage, newAccount }) =>
      participant === own
        ? {
            kind: "recovery",
            text: `Guardians are giving you another account, ${newAccount}: ${STAGE_WORDS[stage]}.`,
            next: "if you didn't ask for it: chartchain recovery veto",
          }
        : {
            kind: "recovery",
            text: `The recovery of participant ${participant} that you began: ${STAGE_WORDS[stage]}.`,
            next: `chartchain recovery status ${participant}`,
          },
    ),
    ...pending.map(({ provider, providerName }) => ({
      kind: "proposal",
      text: `${providerName || `Participant ${provider}`} proposes a relationship.`,
      next: "chartchain relationship pending",
    })),
    ...delegates
      .filter(({ from }) => from > now)
      .map(({ delegate, source, from }) => ({
        kind: "representative",
        text: `Participant ${source} announced that participant ${delegate} acts for you, from ${time(from)}.`,
        next: `if that is wrong: chartchain delegate dismiss ${delegate}`,
      })),
    ...(guardians === undefined
      ? []
      : [
          {
            kind: "guardians",
            text: `Your guardians change, from ${time(guardians.from)}.`,
            next: "if you didn't ask for it, somebody has your key, change your accounts: chartchain account list",
          },
        ]),
  ];
}

async function atInstitution({ client }: Session): Promise<Waiting[]> {
  const { proposed } = await patientsOf(client);
  return proposed.length === 0
    ? []
    : [
        {
          kind: "proposal",
          text: `${count(proposed.length, "proposal")} of yours ${proposed.length === 1 ? "isn't" : "aren't"} answered yet.`,
          next: "chartchain patients",
        },
      ];
}

async function changesOf({ client }: Session, own: number): Promise<Waiting[]> {
  const [key, accounts] = await Promise.all([
    client.keyChangeOf({ participant: own }),
    client.listAccounts({ participant: own }),
  ]);
  return [
    ...(key === undefined
      ? []
      : [
          {
            kind: "key",
            text: `Your key changes, from ${time(key.from)}.`,
            next: "if you didn't ask for it: chartchain key change --cancel",
          },
        ]),
    ...accounts
      .filter(({ acts, retiresAt }) => acts && retiresAt > 0)
      .map(({ account, retiresAt }) => ({
        kind: "account",
        text: `The account ${account} acts no more from ${time(retiresAt)} on.`,
        next: `to keep it: chartchain account retire --account ${account} --keep`,
      })),
  ];
}

async function endingOf({ client }: Session, own: number, days: number): Promise<Waiting[]> {
  const now = (await client.provider.getBlock("latest"))!.timestamp;
  const ends = (await endsOf(client, own))
    .filter(({ until }) => until > now && until - now <= days * DAY)
    .sort((a, b) => a.until - b.until);
  const nameOf = await namesOf(
    client,
    ends.map(({ participant }) => participant),
  );
  return ends.map(({ what, participant, until }) => ({
    kind: "expiring",
    text:
      what === "licence"
        ? `Your licence ends ${time(until)}.`
        : `${what === "grant" ? "A grant" : "The relationship"} with ${nameOf(participant)} ends ${time(until)}.`,
  }));
}

async function inVault({ client }: Session): Promise<Waiting[]> {
  const { vault } = client;
  if (vault === undefined) return [];
  const items = (await client.listWorklist()).length;
  const records = countWaiting(vault);
  return [
    ...(items === 0
      ? []
      : [
          {
            kind: "worklist",
            text: `${count(items, "item")} of doubtful input wait${items === 1 ? "s" : ""} for a decision.`,
            next: "chartchain worklist",
          },
        ]),
    ...(records === 0
      ? []
      : [
          {
            kind: "anchor",
            text: `${count(records, "record")} wait${records === 1 ? "s" : ""} to be anchored.`,
            next: "chartchain record anchor",
          },
        ]),
  ];
}
