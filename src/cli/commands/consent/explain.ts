import { named } from "../../actor/named.js";
import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { choice, participant } from "../../line/flag-kinds.js";
import { optional, required } from "../../line/flags.js";
import { caution, done, facts, next, time } from "../../terminal/tables.js";
import { BASIS_WORDS, stewardInWords } from "../../words/access-in-words.js";
import { isOver, standingInWords } from "../../words/relationship-in-words.js";
import { CATEGORIES, type Category, type Client, EVERY_STEWARD, PURPOSES, type Purpose } from "../../../sdk/index.js";
import { grantsOf, type GrantNow, relationshipsOf, type Seer, whoMaySee } from "../../../watch/index.js";

export default command({
  purpose:
    "Says whether a viewer may see a patient's records of a category for a purpose now, and why: on which basis, until when; or what is missing. Tells what expired or was revoked from what was never granted.",
  flags: {
    viewer: required(participant, "who wants to see"),
    category: required(choice("CATEGORY", CATEGORIES), `what: ${CATEGORIES.join(", ")}`),
    purpose: required(choice("PURPOSE", PURPOSES), `what for: ${PURPOSES.join(", ")}`),
    patient: optional(participant, "whose records (this home's own)"),
    steward: optional(participant, "only the records that this provider keeps (any provider's)"),
    ...ACTOR_FLAGS,
  },
  operand: "viewer",
  examples: ["2 --category SUMMARY --purpose TREAT --home homes/alice"],
  async run({ viewer, category, purpose, patient, steward, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    const own = await client.ownId();
    const asked: Asked = { viewer, category, purpose, patient: patient ?? own, steward };
    const [who, { seers }, { grants }, { relationships }] = await Promise.all([
      named(client, viewer),
      whoMaySee(client, { patient: asked.patient }),
      grantsOf(client, { patient: asked.patient }),
      relationshipsOf(client, { participant: asked.patient }),
    ]);
    const theirs = seers.filter((seer) => seer.viewer === viewer);
    const fitting = theirs.filter((seer) => fits(seer, asked));
    const bases = fitting.filter(({ waitsFor }) => waitsFor === undefined);
    const isSelf = viewer === asked.patient;
    const allowed = isSelf || bases.length > 0;
    const isFinal = allowed && !isSelf ? await isAllowedAtFinal(client, asked, bases) : allowed;
    const relationship = relationships.find(({ provider }) => provider === viewer);
    const why = allowed
      ? isSelf
        ? ["it is the patient"]
        : bases.map((seer) => basisInWords(seer, category))
      : missing(
          asked,
          fitting,
          theirs,
          grants.filter((grant) => grant.viewer === viewer),
          relationship === undefined || relationship.status === "None" ? undefined : standingInWords(relationship),
        );
    const narrowed = allowed && !isSelf && bases.every(({ constrained }) => constrained);
    const canGrant = !allowed && asked.patient === own && fitting.length === 0;
    return {
      data: { ...asked, steward: steward ?? null, allowed, final: isFinal, narrowed, why, bases },
      text: [
        (allowed ? done : caution)(
          `${who} ${allowed ? "may" : "may not"} see ${category} of participant ${asked.patient} for ${purpose}`,
        ),
        facts({
          [allowed ? "because of" : "because"]: why,
          of: steward === undefined ? undefined : stewardInWords(steward),
          "its relationship":
            relationship === undefined || isOver(relationship.status) ? undefined : standingInWords(relationship),
        }),
        ...(narrowed ? [caution("A constraint narrows it: only the records that it admits go out, singly.")] : []),
        ...(allowed && !isFinal ? [caution("It was granted a moment ago: records open once its block is final.")] : []),
        ...(canGrant
          ? [
              next(
                `chartchain consent grant ${viewer} --categories ${category} --purpose ${purpose} --days 30${whose(asked)}`,
              ),
            ]
          : []),
      ].join("\n"),
    };
  },
});

interface Asked {
  viewer: number;
  category: Category;
  purpose: Purpose;
  patient: number;
  steward: number | undefined;
}

/** GENOMIC and SENSITIVE are granted for one provider's records. */
const whose = ({ category, steward }: Asked): string =>
  steward === undefined && category !== "GENOMIC" && category !== "SENSITIVE" ? "" : ` --steward ${steward ?? "ID"}`;

/** Whether what somebody sees is what is asked for. */
const fits = ({ sees, purpose, steward }: Seer, asked: Asked): boolean =>
  sees.some(({ category }) => category === asked.category) && isFor(purpose, asked) && isOf(steward, asked);

const isFor = (purpose: Purpose | undefined, asked: Asked): boolean =>
  purpose === undefined || purpose === asked.purpose;

const isOf = (steward: number, asked: Asked): boolean =>
  asked.steward === undefined || steward === EVERY_STEWARD || steward === asked.steward;

function basisInWords({ basis, sees, steward, constrained }: Seer, category: Category): string {
  const { until } = sees.find((each) => each.category === category)!;
  const whose = basis === "relationship" ? "what it keeps itself" : `records of ${stewardInWords(steward)}`;
  return `${BASIS_WORDS[basis]}, until ${time(until)}: ${whose}${constrained ? ", narrowed" : ""}`;
}

/** The contract's own answer at the final block, for one steward that each basis opens. */
async function isAllowedAtFinal(client: Client, asked: Asked, bases: readonly Seer[]): Promise<boolean> {
  const { provider, finality, contracts } = client;
  const head = await provider.getBlockNumber();
  const final = await provider.getBlock(finality === "tag" ? "finalized" : Math.max(0, head - finality));
  if (final === null) return false;
  const [category, purpose] = [CATEGORIES.indexOf(asked.category), PURPOSES.indexOf(asked.purpose)];
  for (const { steward: of } of bases) {
    const steward = of === EVERY_STEWARD ? (asked.steward ?? asked.patient) : of;
    const at = { blockTag: final.number };
    const answer = contracts.Consents.canView(asked.patient, steward, asked.viewer, category, purpose, at);
    // On a young chain the final block is older than the contracts.
    if (await answer.catch(() => false)) return true;
  }
  return false;
}

/** What keeps somebody from seeing, the nearest first. */
function missing(
  asked: Asked,
  waiting: readonly Seer[],
  theirs: readonly Seer[],
  grants: readonly GrantNow[],
  relationship: string | undefined,
): string[] {
  const { category, purpose } = asked;
  const meant = grants.filter((grant) => isFor(grant.purpose, asked) && isOf(grant.steward, asked));
  const ended = meant.flatMap(({ expired, steward, revoked }) => [
    ...expired
      .filter((each) => each.category === category)
      .map(({ until }) => `the grant of ${stewardInWords(steward)}'s records expired: ${time(until)}`),
    ...(revoked.includes(category) ? [`the grant of ${stewardInWords(steward)}'s records was revoked`] : []),
  ]);
  const waits = waiting.map(({ basis, waitsFor }) =>
    waitsFor === "notice"
      ? `${BASIS_WORDS[basis]} counts only when the court's notice is over`
      : `${BASIS_WORDS[basis]} is there, and a licence isn't live`,
  );
  const others = theirs
    .filter((seer) => seer.waitsFor === undefined)
    .map(
      (seer) =>
        `it has ${BASIS_WORDS[seer.basis]} of ${stewardInWords(seer.steward)}'s records for ${seer.purpose ?? "anything"}: ${seer.sees.map((each) => each.category).join(", ")}`,
    );
  const reasons = [...waits, ...ended];
  return [
    ...(reasons.length > 0 ? reasons : [`${category} was never granted for ${purpose}`]),
    ...others,
    ...(relationship === undefined ? [] : [`its relationship is ${relationship}`]),
  ];
}
