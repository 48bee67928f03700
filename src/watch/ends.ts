import { chainCall, type Client, queryEvents, STATUSES } from "../sdk/index.js";

/** Something with an end, as it stands now. */
export interface End {
  what: "grant" | "relationship" | "licence";
  /** The other side; the institution itself for a licence. */
  participant: number;
  /** Which of several. */
  name: string;
  /** In seconds since 1970. */
  until: number;
}

/**
 * All that ends by itself for a participant: a patient's grants and relationships, those that a viewer or provider has, and
 * an institution's licence. Who has any, the events tell; whether it stands, and how long, the contracts.
 */
export async function endsOf(client: Client, participant: number): Promise<End[]> {
  const { kind, licensedUntil } = await client.describeParticipant({ id: participant });
  const [grants, relationships] = await Promise.all([
    grantsOf(client, participant),
    relationshipsOf(client, participant),
  ]);
  const licence: End[] =
    kind === "institution" && licensedUntil > 0
      ? [{ what: "licence", participant, name: String(participant), until: licensedUntil }]
      : [];
  return [...grants, ...relationships, ...licence];
}

async function grantsOf(client: Client, participant: number): Promise<End[]> {
  const { Consents } = client.contracts;
  const filters = [
    Consents.filters.Granted(participant),
    Consents.filters.GrantConstrained(participant),
    Consents.filters.Granted(undefined, participant),
    Consents.filters.GrantConstrained(undefined, participant),
  ];
  const events = (await Promise.all(filters.map((filter) => queryEvents(client, Consents, filter)))).flat();
  const pairs = pairsOf(events.map(({ args }) => [Number(args["patient"]), Number(args["viewer"])]));
  const ends: End[] = [];
  for (const [patient, viewer] of pairs) {
    for (const { purpose, steward, until } of (await client.accessOf({ patient, viewer })).grants) {
      const name = `${patient}/${viewer}/${purpose}/${steward}`;
      ends.push({ what: "grant", participant: patient === participant ? viewer : patient, name, until });
    }
  }
  return ends;
}

async function relationshipsOf(client: Client, participant: number): Promise<End[]> {
  const { PatientProviderRelationships: contract } = client.contracts;
  const filters = [
    contract.filters.RelationshipApproved(participant),
    contract.filters.RelationshipApproved(undefined, participant),
  ];
  const events = (await Promise.all(filters.map((filter) => queryEvents(client, contract, filter)))).flat();
  const pairs = pairsOf(events.map(({ args }) => [Number(args["patient"]), Number(args["provider"])]));
  const ends: End[] = [];
  for (const [patient, provider] of pairs) {
    const { status, until } = await chainCall(() => contract.relationship(patient, provider));
    if (STATUSES[Number(status)] !== "Active" || until === 0n) continue;
    ends.push({
      what: "relationship",
      participant: patient === participant ? provider : patient,
      name: `${patient}/${provider}`,
      until: Number(until) * 60,
    });
  }
  return ends;
}

const pairsOf = (pairs: readonly (readonly [number, number])[]): [number, number][] => [
  ...new Map(pairs.map(([first, second]) => [`${first}/${second}`, [first, second] as [number, number]])).values(),
];
