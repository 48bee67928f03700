import { hexlify, type Block, type EventLog } from "ethers";

import type { StoredCompartment } from "../../vault/index.js";
import { requireVault, type Context } from "../context.js";
import { recoveryEndOf } from "../people/participants.js";
import {
  laneOf,
  letIn,
  membersOf,
  once,
  readAt,
  sourceOf,
  viewerOf,
  type Admissions,
  type Delegation,
} from "./admissions.js";

/** Whether nobody but its members could have a round's key. Members are noted: from now on they count as having it. */
export async function isSafe(ctx: Context, compartment: StoredCompartment, admissions: Admissions): Promise<boolean> {
  const { id, openedAtBlock, patient } = compartment;
  const { compartments, cursors } = requireVault(ctx);
  const { head, given } = admissions;
  const lane = laneOf(compartment);
  const opening = await openingBlock(ctx, head, compartment);
  // After a reorganisation a grant may stand in a block before the opening, where nobody looked.
  if (opening?.hash == null || opening.hash !== cursors.get(openingOf(id))?.hash) return false;
  const members = membersOf(admissions, compartment);
  if (await isKeyReplaced(ctx, [patient, ...members], opening, admissions)) return false;
  // Who was let in by the end of the opening block and isn't entitled there was never given this key.
  const begun = given.filter((event) => !isAhead(event, head));
  const since = [
    ...letIn(begun, lane, openedAtBlock + 1),
    ...letIn(
      begun.filter((event) => beganSince(event, opening, head)),
      lane,
    ),
  ];
  const others = letIn(begun, lane).filter((viewer) => !members.includes(viewer) && !since.includes(viewer));
  const again = await readmitted(ctx, others, opening, admissions);
  const noted = compartments.exposed(id);
  if (!members.every((member) => noted.has(member))) compartments.addExposed(id, members);
  return [...noted, ...since, ...again].every((viewer) => members.includes(viewer));
}

/** The block in which a round was opened, as the chain with this head has it; asked for once for each head. */
export const openingBlock = (ctx: Context, head: Block, { openedAtBlock }: StoredCompartment): Promise<Block | null> =>
  once(readAt(ctx, head).openings, openedAtBlock, () => ctx.provider.getBlock(openedAtBlock));

export const openingOf = (compartment: Uint8Array): string => `round:${hexlify(compartment)}`;

/** Whether an appointment began to count within a round: a court's is announced before. */
const beganSince = ({ eventName, args }: EventLog, opening: Block, head: Block): boolean => {
  if (eventName !== "DelegateAppointed") return false;
  const { from } = args["delegation"] as Delegation;
  return from > opening.timestamp && from <= head.timestamp;
};

/** Whether it doesn't count yet. */
const isAhead = ({ eventName, args }: EventLog, head: Block): boolean =>
  eventName === "DelegateAppointed" && (args["delegation"] as Delegation).from > head.timestamp;

/** Changes of one participant, of these kinds, from a block on. */
const changesOf = (changes: readonly EventLog[], id: number, kinds: readonly string[], fromBlock = 0): EventLog[] =>
  changes.filter(
    ({ args, eventName, blockNumber }) =>
      Number(args["id"]) === id && kinds.includes(eventName) && blockNumber >= fromBlock,
  );

/**
 * Who of these, or whose court, regained good standing at any time since a round opened, and with it what an older grant or
 * appointment still says.
 */
async function readmitted(
  ctx: Context,
  viewers: readonly number[],
  opening: Block,
  { head, given, changes }: Admissions,
): Promise<number[]> {
  const regained = async (id: number) => {
    if (changesOf(changes, id, ["Licensed", "Reinstated"], opening.number + 1).length > 0) return true;
    const { suspendedUntil } = await participantAt(ctx, id, head);
    // A suspension that lapses leaves no event.
    return suspendedUntil > opening.timestamp && suspendedUntil <= head.timestamp;
  };
  const answers = await Promise.all(
    viewers.map(async (viewer) => {
      const sources = given.filter((event) => viewerOf(event) === viewer).flatMap(sourceOf);
      return (await Promise.all([viewer, ...new Set(sources)].map(regained))).includes(true);
    }),
  );
  return viewers.filter((_, i) => answers[i]);
}

/**
 * Whether the patient, or a member, has another key since the round opened, or another account after a recovery: whoever
 * had the former one may have the round's key.
 */
async function isKeyReplaced(
  ctx: Context,
  participants: readonly number[],
  opening: Block,
  { head, changes }: Admissions,
): Promise<boolean> {
  const answers = await Promise.all(
    participants.map(async (id) => {
      if (changesOf(changes, id, ["Recovered"], opening.number + 1).length > 0) return true;
      const announced = changesOf(changes, id, ["KeyChanging"]);
      if (announced.length === 0) return false;
      // A change that came due while a recovery was pending counts when that lapses.
      const thawed = recoveryEndOf(await participantAt(ctx, id, head));
      return announced.some(({ args, blockNumber }) => {
        const from = Number(args["from"]);
        // Blocks may share a second, so the time alone doesn't tell.
        const countsAt = (block: Block, time: number) => block.number >= blockNumber && block.timestamp >= time;
        return [from, Math.max(from, thawed)].some((time) => countsAt(head, time) && !countsAt(opening, time));
      });
    }),
  );
  return answers.includes(true);
}

const participantAt = (ctx: Context, id: number, head: Block) =>
  ctx.contracts.Registrar.participant(id, { blockTag: head.number });
