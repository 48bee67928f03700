import type { Client } from "../../src/sdk/index.js";

/** A participant as a person reads it: an institution by its verified name, a person by the number alone. */
export async function named(client: Client, id: number): Promise<string> {
  const { kind, name } = await client.describeParticipant({ id });
  return kind === "person" ? `participant ${id}` : `${name} (participant ${id}, name verified)`;
}
