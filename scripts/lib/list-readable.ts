import { PURPOSES, type Client, type ListedRecord, type Purpose } from "../../src/sdk/index.js";

/** A record of this vault, and the purposes that it may be opened for as the chain stands now. */
export interface ReadableRecord extends ListedRecord {
  readableFor: Purpose[];
}

/** What a vault holds, and what of it may be read. Opening a record decides anew, and also asks whether that is final. */
export async function listReadable(client: Client): Promise<ReadableRecord[]> {
  const viewer = await client.ownId();
  const known = new Map<string, Promise<Purpose[]>>();
  const readableFor = (record: ListedRecord): Promise<Purpose[]> => {
    const { patient, steward, category, confidential, unfinished } = record;
    // Nobody can read what isn't anchored, the patient neither.
    if (category === undefined || unfinished) return Promise.resolve([]);
    if (patient === viewer) return Promise.resolve(["PATRQT"]);
    const scope = `${patient}/${steward}/${category}/${confidential}`;
    const asked = known.get(scope) ?? ask(client, { patient, steward, viewer, category }, confidential);
    known.set(scope, asked);
    return asked;
  };
  const records = await client.listRecords();
  return Promise.all(records.map(async (record) => ({ ...record, readableFor: await readableFor(record) })));
}

async function ask(
  client: Client,
  scope: Omit<Parameters<Client["canView"]>[0], "purpose">,
  confidential: boolean,
): Promise<Purpose[]> {
  // The contract lets a steward see what it keeps for any purpose; its terms say for which.
  const purposes = scope.viewer === scope.steward ? await client.purposesOfSteward(scope) : PURPOSES;
  const mayView = async (purpose: Purpose): Promise<boolean> =>
    (await client.canView({ ...scope, purpose })) &&
    // The contract knows nothing of what is confidential.
    (!confidential || (await client.decide({ ...scope, purpose, confidential })).reason !== "CONFIDENTIAL");
  const answers = await Promise.all(purposes.map(mayView));
  return purposes.filter((_, i) => answers[i]);
}
