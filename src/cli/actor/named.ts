import type { ErrorCode } from "../../errors/index.js";
import { isChartChainError, type Client } from "../../sdk/index.js";

/** A participant as a person reads it: an institution by its verified name, a person by the number alone. */
export async function named(client: Client, id: number): Promise<string> {
  const { kind, name } = await client.describeParticipant({ id });
  return kind === "person" ? `participant ${id}` : `${name} (participant ${id}, name verified)`;
}

const UNSURE: readonly ErrorCode[] = [
  "NAME_UNVERIFIED",
  "NAME_CHANGED",
  "KEY_CHANGED",
  "NODES_DISAGREE",
  "NODES_BEHIND",
  "NODES_MISSING",
];

/** A participant's name, or none where the nodes don't agree on it: nothing is taken away later because of that. */
export async function nameIfAgreed(client: Client, id: number): Promise<string> {
  try {
    return (await client.describeParticipant({ id })).name;
  } catch (error) {
    if (UNSURE.some((code) => isChartChainError(error, code))) return "";
    throw error;
  }
}
