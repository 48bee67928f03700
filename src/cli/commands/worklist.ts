import { deliveryCommand } from "../files/deliver-file.js";
import { nameInWords, subjectsOf } from "../../fhir/index.js";
import type { Client, Resolution, WaitingInput } from "../../sdk/index.js";
import { confirm } from "../terminal/ask.js";
import { command, type Result } from "../line/command.js";
import { ACTOR_FLAGS } from "../line/common-flags.js";
import { anyText, participant, wholeNumber } from "../line/flag-kinds.js";
import { optional, several, toggle, type Values } from "../line/flags.js";
import { printable } from "../terminal/printable.js";
import { openSession } from "../actor/session.js";
import { bytes, caution, count, done, facts, next, short, table, time } from "../terminal/tables.js";
import { badUsage } from "../line/usage.js";

const FLAGS = {
  item: optional(
    wholeNumber("N", 1, 1_000_000_000),
    "one that waits: show it, or resolve it with one of the following",
  ),
  assign: optional(participant, "the whole input is this patient's: add it to the chart"),
  override: toggle("with --assign: although it contradicts what is known of the patient"),
  split: several(wholeNumber("N", 0, 1_000_000), "part these resources of it from the rest, by their numbers"),
  discard: toggle("take it off for good"),
  sensitive: toggle("a record in doubt: it is sensitive, and stays so"),
  ordinary: toggle("a record in doubt: it is not; it is added anew in its ordinary category"),
  reason: optional(anyText("TEXT"), "why; it is logged"),
  log: toggle("show what was decided so far, by whom and why"),
  yes: toggle("don't ask"),
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Lists what was refused in doubt, such as an input about two people: it waits in the vault, sealed, until a person says what it is. Each decision takes a reason and is logged.",
  flags: FLAGS,
  operand: "item",
  examples: [
    "--home homes/hospital",
    "3 --home homes/hospital",
    '3 --assign 7 --reason "the ward confirmed the wristband" --home homes/hospital',
    '3 --split 4,5 --reason "the mother\'s" --home homes/hospital',
  ],
  async run(flags, talk) {
    const act = actionOf(flags);
    await using session = await openSession(flags, talk, {
      account: act === "assign" || act === "ordinary" ? "sign" : "address",
      vault: "open",
    });
    const { client } = session;
    if (flags.item === undefined) return await (flags.log ? showLog(client) : list(client));
    if (act === undefined) return await show(client, flags.item);

    const resolution = { item: flags.item, reason: flags.reason! };
    const waiting = (await client.listWorklist()).find(({ item }) => item === flags.item);
    if (waiting !== undefined) talk.note(inWords(waiting));
    await confirm(talk, QUESTIONS[act], flags.yes);
    if (act === "discard") {
      await client.discardInput(resolution);
      return { data: { discarded: flags.item }, text: done(`Discarded item ${flags.item}: only the decision is kept`) };
    }
    if (act === "split") {
      const parts = await client.splitInput({ ...resolution, entries: flags.split });
      return {
        data: parts,
        text: [
          done(`Split item ${flags.item}: what was split off waits as ${parts.splitOff}, the rest as ${parts.rest}`),
          next(`chartchain worklist ${parts.splitOff}`),
        ].join("\n"),
      };
    }
    if (act !== "assign") return await reclassify(client, resolution, act === "sensitive");
    const patient = flags.assign!;
    const added = await client.assignInput({ ...resolution, patient, override: flags.override });
    return {
      data: {
        patient,
        records: added.map(({ digest, index }) => ({ digest, index })),
        transactions: session.transactions,
      },
      text: [
        done(`Added ${count(added.length, "record")} of item ${flags.item} for patient ${patient}`),
        next(deliveryCommand(patient, patient)),
      ].join("\n"),
    };
  },
});

type Act = "assign" | "split" | "discard" | "sensitive" | "ordinary";

const QUESTIONS: Record<Act, string> = {
  assign: "Add all of it to this chart?",
  split: "Split it?",
  discard: "Discard it for good?",
  sensitive: "Leave it among what is sensitive?",
  ordinary: "Let who may see its ordinary category see it?",
};

async function reclassify(client: Client, resolution: Resolution, sensitive: boolean): Promise<Result> {
  const added = await client.reclassify({ ...resolution, sensitive });
  return {
    data: { item: resolution.item, sensitive, records: added.map(({ digest, index }) => ({ digest, index })) },
    text: done(
      sensitive
        ? "It stays sensitive"
        : `Added ${count(added.length, "record")} that ${added.length === 1 ? "amends" : "amend"} it`,
    ),
  };
}

function actionOf(flags: Values<typeof FLAGS>): Act | undefined {
  const { item, assign, override, split, discard, sensitive, ordinary, reason, log } = flags;
  const asked: Act[] = [
    ...(assign === undefined ? [] : ["assign" as const]),
    ...(split.length === 0 ? [] : ["split" as const]),
    ...(discard ? ["discard" as const] : []),
    ...(sensitive ? ["sensitive" as const] : []),
    ...(ordinary ? ["ordinary" as const] : []),
  ];
  const [act, another] = asked;
  if (another !== undefined) throw badUsage(`--${act!} and --${another} are two decisions: take one after the other`);
  if (item === undefined && act !== undefined) throw badUsage(`--${act} needs --item: the number in the list`);
  if (log && item !== undefined) throw badUsage("--log shows all decisions: leave out --item");
  if (override && act !== "assign") throw badUsage("--override goes with --assign");
  if ((act === undefined) !== (reason === undefined)) {
    throw badUsage(act === undefined ? "--reason goes with a decision" : "--reason is missing: why it is decided so");
  }
  return act;
}

async function list(client: Client): Promise<Result> {
  const waiting = await client.listWorklist();
  return {
    data: { waiting },
    text: [
      done(waiting.length === 0 ? "Nothing waits" : `${count(waiting.length, "item")} waiting`),
      ...(waiting.length === 0
        ? []
        : [
            table(
              ["item", "why", "for", "since", "size"],
              waiting.map(({ item, code, patient, at, size }) => [
                item,
                code,
                patient ?? "",
                time(at),
                size === 0 ? "" : bytes(size),
              ]),
            ),
            next(`chartchain worklist ${waiting[0]!.item}`),
          ]),
    ].join("\n"),
  };
}

/** What one item is, as far as it is needed to decide: whom its resources name, by the words of the input. */
async function show(client: Client, item: number): Promise<Result> {
  const { entries, ...waiting } = await client.readWaitingInput({ item });
  const rows = entries.map(({ resource }, at) => [
    at,
    resource.resourceType,
    ellipsis(
      subjectsOf(resource)
        .map(({ reference }) => reference.reference ?? reference.identifier?.value ?? reference.display ?? "")
        .concat(nameInWords(resource), resource.id === undefined ? "" : `id ${resource.id}`)
        .filter((text) => text !== "")
        .join(", "),
      200,
    ),
  ]);
  return {
    data: { ...waiting, resources: entries.map(({ resource }) => resource) },
    text: [
      done(`Item ${item}: ${waiting.code}`),
      inWords(waiting),
      ...(rows.length === 0 ? [] : [table(["#", "resource", "about; its name; its id"], rows)]),
      ...decisionsOn(waiting).map(([when, how]) => next(`${when}: chartchain worklist ${item} ${how} --reason TEXT`)),
    ].join("\n"),
  };
}

/** What may be decided about an item: when, and how. */
const decisionsOn = ({ code, patient }: WaitingInput): (readonly [when: string, how: string])[] =>
  code === "SENSITIVITY_IN_DOUBT"
    ? [
        ["it is sensitive", "--sensitive"],
        ["it isn't", "--ordinary"],
      ]
    : [
        ["all of it is one patient's", `--assign ${patient ?? "PATIENT"}`],
        ["some of it is another's", "--split N,N"],
        ["it belongs into no chart", "--discard"],
      ];

const inWords = ({ code, patient, file, places, record }: WaitingInput): string =>
  facts({
    why: code,
    "meant for": patient === undefined ? undefined : `patient ${patient}`,
    record: record === undefined ? undefined : short(record),
    file,
    "in doubt": places.length === 0 ? undefined : places.slice(0, PLACES),
    "and more": places.length > PLACES ? `${places.length - PLACES} places` : undefined,
  });

const PLACES = 12;

async function showLog(client: Client): Promise<Result> {
  const decisions = await client.listDecisions();
  return {
    data: { decisions },
    text: [
      done(count(decisions.length, "decision")),
      ...decisions.map(({ index, kind, at, reason, about }) =>
        facts({
          [String(index)]: `${kind}, ${time(at)}`,
          why: reason,
          about: Object.entries(about)
            .map(([name, value]) => `${name} ${typeof value === "string" ? shortId(value) : JSON.stringify(value)}`)
            .join(", "),
        }),
      ),
      ...(decisions.length === 0 ? [caution("Nobody has decided anything against a doubt here.")] : []),
    ].join("\n"),
  };
}

/** A digest or an account by its beginning; a code or a name as a whole. */
const shortId = (text: string): string => (/^0x[0-9a-f]{40,}$/i.test(text) ? short(text) : text);

const ellipsis = (text: string, room: number): string =>
  printable(text.length <= room ? text : `${text.slice(0, room - 1)}…`);
