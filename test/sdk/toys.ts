import type { BaseContract } from "ethers";

import {
  chainCall,
  contractKind,
  currentTime,
  defineModule,
  messageType,
  ownId,
  send,
  signAction,
  signatureEpochOf,
  signedAction,
  signedSubject,
  type ModuleContext,
  type Sent,
  type SignedActionFile,
} from "../../src/sdk/module-kit.js";

/** A module as somebody else writes one. It has nothing to do with health, and nobody else knows of it. */

/** Its contract, in the place of a file under contracts/modules/toys. */
export const SOURCE = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRegistrar} from "../../interfaces/IRegistrar.sol";
import {SignedActions} from "../../libraries/SignedActions.sol";
import {Authorization} from "../../types/Authorization.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

contract Toy is SignedActions {
    bytes32 private constant CHOICE =
        keccak256("TuneChoice(uint40 patient,uint8 tune,uint32 signatureEpoch,uint48 deadline)");

    IRegistrar public immutable registrar;
    mapping(ParticipantId patient => uint8 tune) public tuneOf;

    error NoSuchTune(uint8 tune);

    constructor(IRegistrar registrar_) {
        registrar = registrar_;
    }

    function choose(uint8 tune) external {
        _choose(registrar.authenticate(msg.sender), tune);
    }

    function chooseWithSig(uint8 tune, Authorization calldata by) external {
        (ParticipantId patient, uint32 signatureEpoch) = registrar.authorizeAgreement(by.account);
        _checkSignature(by, keccak256(abi.encode(CHOICE, patient, tune, signatureEpoch, by.deadline)));
        _choose(patient, tune);
    }

    function _choose(ParticipantId patient, uint8 tune) private {
        if (tune == 0) revert NoSuchTune(tune);
        tuneOf[patient] = tune;
    }
}
`;

interface Toy extends BaseContract {
  tuneOf(patient: number, overrides?: { blockTag: number }): Promise<bigint>;
}

/** Written out here, as a build writes it into src/abi. */
const toyAbi = [
  "function choose(uint8 tune)",
  "function chooseWithSig(uint8 tune, (address account, uint48 deadline, bytes signature) by)",
  "function tuneOf(uint40 patient) view returns (uint8)",
  "error NoSuchTune(uint8 tune)",
];

const contracts = { Toy: contractKind<Toy>(toyAbi) };

type ToyContext = ModuleContext<typeof contracts>;

const TUNE_CHOICE = messageType("Toy", "TuneChoice", {
  fields: "uint40 patient, uint8 tune, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "signatures are cancelled",
  says: (m) => `Play tune ${m.tune} for me.`,
});

const SIGNED = signedSubject("Toys", {
  actions: {
    chooseTune: signedAction({ type: TUNE_CHOICE, call: (m, by) => ["chooseWithSig", m.tune, by] }),
  },
});

const chooseTune = (ctx: ToyContext, { tune }: { tune: number }): Promise<Sent> =>
  send(ctx, "chooseTune", { contract: ctx.contracts.Toy, method: "choose", args: [tune] });

async function signChooseTune(ctx: ToyContext, { tune }: { tune: number }): Promise<SignedActionFile> {
  const patient = await ownId(ctx);
  const signatureEpoch = await signatureEpochOf(ctx, patient);
  const deadline = (await currentTime(ctx)) + 3_600;
  return signAction(ctx, SIGNED.actions.chooseTune, { patient, tune, signatureEpoch, deadline });
}

const tuneOf = async (ctx: ToyContext, { patient }: { patient: number }): Promise<number> =>
  Number(await chainCall(() => ctx.contracts.Toy.tuneOf(patient)));

const UNLUCKY = 13n;

export const toys = defineModule({
  name: "toys",
  contracts,
  signed: SIGNED,
  actions: { chooseTune, signChooseTune, tuneOf },
  holdBack: {
    purposes: ["TREAT"],
    reasons: { UNLUCKY_TUNE: "Wait until the patient chooses another tune." },
    refusal: async ({ contracts: { Toy } }, { patient }, { head }) =>
      (await chainCall(() => Toy.tuneOf(patient, { blockTag: head.number }))) === UNLUCKY ? "UNLUCKY_TUNE" : undefined,
  },
});
