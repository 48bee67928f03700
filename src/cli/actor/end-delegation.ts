import type { Result } from "../line/command.js";
import { caution, done, facts, gas } from "../terminal/tables.js";
import type { Session } from "./session.js";

/** Ends what somebody may do in a patient's place, by the patient's or that one's own word. */
export async function endDelegation(
  { client, transactions }: Session,
  { patient, delegate }: { patient: number; delegate: number },
): Promise<Result> {
  const { receipt } = await client.dismissDelegate({ delegate, patient });
  return {
    data: { patient, delegate, dismissed: true, transactions },
    text: [
      done(`Participant ${delegate} acts no more in the place of participant ${patient}`),
      facts({ gas: gas(Number(receipt.gasUsed)) }),
      caution("What the delegate granted stays: the patient takes it back with chartchain consent revoke."),
    ].join("\n"),
  };
}
