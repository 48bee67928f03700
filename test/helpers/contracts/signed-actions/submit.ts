import type { Signer } from "ethers";

import { createChain, deployedChain, fixture, type Chain } from "../../../../devnet/index.js";
import { contractParty, plainParty, type Party } from "../party.js";
import { authorize, type Authorization, type Message, type Twist } from "../typed-data.js";
import type { Cast, SignedAction } from "./action.js";
import { castOf } from "./cast.js";

const loaderOf = (chainOf: () => Promise<Chain>, partyOf: (signer: Signer) => Promise<Party>) =>
  fixture(async () => {
    const chain = await chainOf();
    const cast = await castOf(chain, {
      patient: await partyOf(chain.alice),
      provider: await partyOf(chain.generalHospital),
      friend: await partyOf(chain.insurer),
      newcomer: await partyOf(chain.bob),
    });
    return { ...cast, snapshot: chain.snapshot };
  });

/** A fresh cast of plain accounts. */
export const plainCast = loaderOf(deployedChain, plainParty);

/** A fresh cast in which those who sign most are contract accounts; on another chain, as tests take turns with both. */
export const contractCast = loaderOf(createChain, contractParty);

/** Signs, unless told otherwise exactly what the contract expects. */
export async function signed(action: SignedAction, cast: Cast, message = action.message(cast), twist: Twist = {}) {
  const { signer, address } = action.signer(cast);
  return authorize(action.contract(cast), action.type, message, signer, { account: address, ...twist });
}

/** Sends the action, as somebody who has nothing to do with it where that is possible. */
export async function submit(action: SignedAction, cast: Cast, authorization: Authorization, message?: Message) {
  const data = await action.encode(cast, message ?? action.message(cast), authorization);
  if (action.sender !== undefined) return action.sender(cast).send(action.contract(cast), data);
  return cast.chain.relayer.sendTransaction({ to: action.contract(cast), data });
}
