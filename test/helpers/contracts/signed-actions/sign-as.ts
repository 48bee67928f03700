import type { Party } from "../party.js";
import { authorize, type Authorization, type Message, type TypeName } from "../typed-data.js";

/** A party's signature, also where the party is a contract account that the key signs for. */
export const signAs = (
  { signer, address }: Party,
  contract: { getAddress(): Promise<string> },
  type: TypeName,
  message: Message,
): Promise<Authorization> => authorize(contract, type, message, signer, { account: address });
