import { ownId, type ParticipantClient, type RecoveryState } from "../../sdk/index.js";
import { requireParticipant } from "../arguments.js";
import { numberIn, readEvents, type Wanted } from "./reading.js";

const STARTED = { Registrar: ["RecoveryStarted"] };

/**
 * The recoveries that are open, of a participant's own account, and of others' that it started as their guardian. Whose there
 * ever were any, the index tells; how far each is, the contract.
 *
 * @param participant the client's own when left out
 * @throws ARGUMENT_INVALID, INDEX_MISSING, NOT_REGISTERED, and what {@link ChainIndex.sync} throws
 *
 * @example
 * const recoveries = await openRecoveries(client); // one that nobody meant: client.vetoRecovery()
 */
export async function openRecoveries(
  client: ParticipantClient,
  { participant }: { participant?: number } = {},
): Promise<RecoveryState[]> {
  if (participant !== undefined) requireParticipant("participant", participant);
  const id = participant ?? (await ownId(client));
  const wanted: Wanted[] = [
    { kinds: STARTED, about: [[id]] },
    { kinds: STARTED, about: [undefined, [id]] },
  ];
  const pairs = await readEvents(client, wanted, (events) =>
    wanted
      .flatMap((each) => events.of(each))
      .map((event) => [numberIn(event, "id"), numberIn(event, "starter")] as const),
  );
  const distinct = new Map(pairs.map((pair) => [pair.join("/"), pair]));
  const recoveries = await Promise.all(
    [...distinct.values()].map(([of, starter]) => client.recoveryOf({ participant: of, starter })),
  );
  return recoveries.filter(({ stage }) => stage !== "None");
}
