import type { BaseContract } from "ethers";

import type { Chain } from "../../../../devnet/index.js";
import type { Party } from "../party.js";
import type { Authorization, Message, TypeName } from "../typed-data.js";

/** Somebody who is registered. */
export type Member = Party & { id: bigint };

/** Who plays in a signed action. */
export interface Cast {
  chain: Chain;
  patient: Member;
  /** Licensed as a provider, for emergency care and for research. */
  provider: Member;
  /** A person: the patient's delegate and guardian, the parent of a child. */
  friend: Member;
  /** Two persons more, guardians of the patient with the friend. */
  aunt: Member;
  uncle: Member;
  /** An account that isn't registered. */
  newcomer: Party;
  /** The participant that is registered next. */
  next: bigint;
  deadline: bigint;
}

export const PROVIDER_NAME = "General Hospital";

/** One way to act by a signature. */
export interface SignedAction {
  title: string;
  type: TypeName;
  contract(cast: Cast): BaseContract;
  signer(cast: Cast): Party;
  /** Who sends it, where that isn't anybody. */
  sender?(cast: Cast): Party;
  /** Other calls that must have been made before. */
  prepare?(cast: Cast): Promise<unknown>;
  /** The action as the contract expects it to be signed. */
  message(cast: Cast): Message;
  /** The call that carries the signature. */
  encode(cast: Cast, message: Message, authorization: Authorization): string | Promise<string>;
  /**
   * Cancels outstanding signatures of whom the message's signature epoch is, where that isn't the patient. Those without
   * such an epoch don't die that way.
   */
  cancel?(cast: Cast): Promise<unknown>;
  /** What a second submission runs into. */
  replay: string;
  /** How many events it makes; one unless told otherwise. */
  events?: number;
}
