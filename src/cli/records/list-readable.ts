import { PURPOSES, type Client, type ListedRecord, type Purpose } from "../../sdk/index.js";

/** A record of this vault, and the purposes that it may be opened for as the chain stands now. */
export interface ReadableRecord extends ListedRecord {
  readableFor: Purpose[];
  /** A constraint asks what the record says, which wasn't read here yet: opening it tells. */
  maybeFor: Purpose[];
}

type Answer = Pick<ReadableRecord, "readableFor" | "maybeFor">;

/** Tells of records of this vault what they may be read for, by the decision that opening takes; that one is made anew. */
export type AskReadable = (records: readonly ListedRecord[]) => Promise<ReadableRecord[]>;

/** Begins to ask. What was asked of one kind of records counts for all others of it that come up. */
export async function askReadable(client: Client): Promise<AskReadable> {
  const viewer = await client.ownId();
  const known = new Map<string, Promise<{ open: Purpose[]; singly: Purpose[] }>>();
  const answer = async (record: ListedRecord): Promise<Answer> => {
    const { digest, patient, steward, category, confidential, unfinished } = record;
    // Nobody can read what isn't anchored, the patient neither.
    if (category === undefined || unfinished) return { readableFor: [], maybeFor: [] };
    if (patient === viewer) return { readableFor: ["PATRQT"], maybeFor: [] };
    const scope = `${patient}/${steward}/${category}/${confidential}`;
    const asked = known.get(scope) ?? ask(client, { patient, steward, viewer, category }, confidential);
    known.set(scope, asked);
    const { open, singly } = await asked;
    const singles = new Map<Purpose, Awaited<ReturnType<Client["mayOpen"]>>>();
    for (const purpose of singly) singles.set(purpose, await client.mayOpen({ digest, purpose }));
    return {
      readableFor: PURPOSES.filter((purpose) => open.includes(purpose) || singles.get(purpose) === "yes"),
      maybeFor: PURPOSES.filter((purpose) => singles.get(purpose) === "maybe"),
    };
  };
  return (records) => Promise.all(records.map(async (record) => ({ ...record, ...(await answer(record)) })));
}

/** All that a vault holds, and what of it may be read. */
export const listReadable = async (client: Client): Promise<ReadableRecord[]> =>
  (await askReadable(client))(await client.listRecords());

/** For which purposes all of a kind may be read, and for which each record is asked about by itself. */
async function ask(
  client: Client,
  scope: Omit<Parameters<Client["canView"]>[0], "purpose">,
  confidential: boolean,
): Promise<{ open: Purpose[]; singly: Purpose[] }> {
  const isSteward = scope.viewer === scope.steward;
  // The contract lets a steward see what it keeps for any purpose; its terms say for which.
  const purposes = isSteward ? await client.purposesOfSteward(scope) : PURPOSES;
  const answers = await Promise.all(
    purposes.map(async (purpose) => {
      // The contract's yes is the most that there is, and quickly asked.
      if (!(await client.canView({ ...scope, purpose }))) return "no";
      const { allowed, reason } = await client.decide({ ...scope, purpose, confidential });
      if (allowed) return "open";
      return reason === "CONSTRAINED" || reason === "SINGLE_RECORDS" ? "singly" : "no";
    }),
  );
  const those = (wanted: string) => purposes.filter((_, i) => answers[i] === wanted);
  return { open: those("open"), singly: those("singly") };
}
