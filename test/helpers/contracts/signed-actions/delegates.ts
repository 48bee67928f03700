import { categoriesOf, type Message } from "../typed-data.js";
import { DAY } from "../typed-data.js";
import type { Cast, SignedAction } from "./action.js";
import { maskOf } from "./consent-parts.js";

const contract = ({ chain }: Cast) => chain.delegates;
const patient = (cast: Cast) => cast.patient;
const until = (cast: Cast) => cast.deadline + BigInt(60 * DAY);

/** The patient appoints the friend, with every power. */
export async function appointFriend(cast: Cast) {
  const { delegates } = cast.chain;
  const powers = { approving: true, granting: 0xff, viewing: 0xff };
  const data = delegates.interface.encodeFunctionData("appoint", [cast.friend.id, powers, until(cast)]);
  await cast.patient.send(delegates, data);
}

const pair = (cast: Cast): Message => ({ patient: cast.patient.id, delegate: cast.friend.id });

/** Delegates: appointed and dismissed. */
export const DELEGATE_ACTIONS: SignedAction[] = [
  {
    title: "appointWithSig",
    type: "DelegateAppointment",
    contract,
    signer: patient,
    message: (cast) => ({
      ...pair(cast),
      approvesRelationships: true,
      grants: categoriesOf(0b00000011),
      views: categoriesOf(0b00000110),
      until: until(cast),
      signatureEpoch: 0n,
      version: 0n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.delegates.interface.encodeFunctionData("appointWithSig", [
        message.delegate as bigint,
        {
          approving: message.approvesRelationships as boolean,
          granting: maskOf(message.grants),
          viewing: maskOf(message.views),
        },
        message.until as bigint,
        authorization,
      ]),
    replay: "InvalidSignature",
  },
  {
    title: "dismissWithSig",
    type: "DelegateDismissal",
    contract,
    signer: patient,
    prepare: appointFriend,
    message: (cast) => ({ ...pair(cast), version: 1n, deadline: cast.deadline }),
    encode: ({ chain }, message, authorization) =>
      chain.delegates.interface.encodeFunctionData("dismissWithSig", [
        message.delegate as bigint,
        message.version as bigint,
        authorization,
      ]),
    replay: "StaleSignature",
  },
];
