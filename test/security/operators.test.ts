import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { add } from "../helpers/contracts/accounts.js";
import { loadOfAge, type ChildWorld } from "../helpers/contracts/child-world.js";
import { freeze } from "../helpers/contracts/decrees.js";
import {
  answerOf,
  argumentsFor,
  contractsOf,
  writesOf,
  type Cast,
  type ContractName,
} from "../helpers/contracts/every-function.js";
import { OPERATOR } from "../helpers/contracts/participants.js";
import { signJoining } from "../helpers/contracts/signatures.js";

/**
 * Whose account a function asks for. `owner`: of an institution's accounts only an owner's. `operator`: either. `person`: an
 * institution never. `authority`: no participant's. `anybody`: it asks for no participant's account, or for none yet.
 */
type Asks = "owner" | "operator" | "person" | "authority" | "anybody";

/** Every function that changes something, of every contract. A new one has to be put here. */
const FUNCTIONS: Record<ContractName, Partial<Record<Asks, string>>> = {
  Registrar: {
    owner: `addAccount addAccountWithSig retireAccount retireAccountWithSig keepAccount keepAccountWithSig changeKey
      changeKeyWithSig cancelKeyChange cancelKeyChangeWithSig cancelSignatures cancelSignaturesWithSig startRecovery startRecoveryWithSig
      approveRecovery approveRecoveryWithSig comeOfAge`,
    operator: "linkIdentity withdrawIdentity",
    person: `changeSettings changeSettingsWithSig changeGuardians changeGuardiansWithSig registerChild
      registerChildWithSig changeKeyOfChild changeKeyOfChildWithSig revokeAll revokeAllWithSig vetoRecovery
      vetoRecoveryWithSig`,
    authority: `license suspend confirmSuspension reinstate freezeOperators thawOperators setAuthority`,
    anybody: "registerPatient registerPatientWithSig registerInstitution executeRecovery",
  },
  Delegates: {
    owner: "appointAsCourt endAsCourt",
    operator: "dismiss dismissWithSig addRepresentative",
    person: "appoint appointWithSig",
    authority: "appointAsAuthority endAsAuthority setAuthority",
    anybody: "representChild",
  },
  PatientProviderRelationships: {
    operator: "propose withdraw suspend resume end",
    person: `approve approveWithSig accept establish decline declineWithSig suspendWithSig resumeWithSig endWithSig
      blockProvider blockProviderWithSig unblockProvider unblockProviderWithSig`,
  },
  Consents: {
    operator:
      "breakGlass revokeGrant revokeGrantWithSig revokeViewer revokeViewerWithSig changeConsents changeConsentsWithSig",
    person: "grant grantWithSig grantConstrained grantConstrainedWithSig review reviewWithSig",
    authority: "reviewAsAuthority setAuthority",
  },
  Records: { operator: "anchor anchorBatch anchorBatches publishHead" },
  Summary: {},
  TransparencyLog: {},
  DataBank: {
    owner: "releaseBond keepBond withdrawBond",
    operator: "confirmSeason confirmDeposit",
    person: "openAccount openAccountWithSig claim claimWithSig withdraw withdrawWithSig",
    authority: "setBudget strike setAuthority",
    anybody: "postBond burnFees",
  },
  ChartToken: { anybody: "approve transfer transferFrom permit burn burnFrom mint" },
  Studies: {
    owner: "open payoutSteward",
    operator: "cancel deliver answerDispute acknowledge",
    person: "join joinWithSig withdraw withdrawWithSig dispute disputeWithSig payout payoutWithSig",
    authority: "decideDispute setAuthority",
    anybody: "release closeDispute settle payoutBank refund",
  },
};

/** The general hospital, whose operator's key a thief has; alice's child may come of age. */
const load = fixture(async () => {
  const world = await loadOfAge();
  const { generalHospital: owner, tablet: operator, ids } = world;
  await add(world, "direct", owner, await signJoining(world, operator, ids.hospital), OPERATOR);
  await (await world.dataBank.postBond(ids.hospital, { value: 10n ** 15n })).wait();
  return { ...world, owner, operator };
});

type World = Awaited<ReturnType<typeof load>>;

const castOf = ({ ids, child }: ChildWorld, account: string): Cast => ({ account, patient: ids.alice, child });

const callOf = (world: World, contract: ContractName, name: string, account: string) => {
  const { interface: abi } = contractsOf(world)[contract];
  return abi.encodeFunctionData(name, argumentsFor(abi.getFunction(name)!.inputs, castOf(world, account)));
};

const CASES = Object.entries(FUNCTIONS).flatMap(([contract, kinds]) =>
  Object.entries(kinds).flatMap(([asks, names]) =>
    names.split(/\s+/).map((name) => ({ contract: contract as ContractName, name, asks: asks as Asks })),
  ),
);

describe("The thief of an operator's key", () => {
  it("finds every function in the table, and no other", async () => {
    const world = await load();

    for (const [name, contract] of Object.entries(contractsOf(world))) {
      const listed = CASES.filter((each) => each.contract === name).map((each) => each.name);
      expect(listed.sort(), name).to.deep.equal(writesOf(contract).sort());
    }
  });

  for (const { contract, name, asks } of CASES) {
    it(`is ${asks === "operator" ? "an operator" : "nobody"} to ${contract}.${name}, which asks for ${asks}`, async () => {
      const world = await load();
      const { owner, operator, ids } = world;
      const ask = async ({ address }: { address: string }) =>
        answerOf(world, contractsOf(world)[contract], address, callOf(world, contract, name, address));
      const [ofOwner, ofOperator] = [await ask(owner), await ask(operator)];
      await freeze(world, ids.hospital);
      const [ofOwnerThen, ofFrozen] = [await ask(owner), await ask(operator)];

      expect(ofOwnerThen, "the freeze is nothing to the owner").to.equal(ofOwner);
      const expected = {
        owner: ["NotAnOwner", "OperatorFrozen"],
        operator: [ofOwner, "OperatorFrozen"],
        person: ["NotAPerson", "OperatorFrozen"],
        authority: ["AccessManagedUnauthorized", "AccessManagedUnauthorized"],
        anybody: [ofOwner, ofOwner],
      }[asks];
      expect([ofOperator, ofFrozen]).to.deep.equal(expected);
      if (asks === "owner") expect(ofOwner).not.to.equal("NotAnOwner");
      if (asks === "person") expect(ofOwner).to.equal("NotAPerson");
    });
  }

  it("changes nothing about the institution, whatever it sends", async () => {
    const world = await load();
    const { registrar, dataBank, owner, operator, ids, provider } = world;
    const look = async () => ({
      participant: await registrar.participant(ids.hospital),
      accounts: await Promise.all([owner, operator].map(({ address }) => registrar.accountOf(address))),
      key: await registrar.keyDocumentOf(ids.hospital),
      change: await registrar.keyChangeOf(ids.hospital),
      name: await registrar.nameDigestOf(ids.hospital),
      steward: await dataBank.stewardOf(ids.hospital),
      child: await registrar.childhoodOf(world.child),
    });
    const before = await look();

    let sent = 0;
    for (const { contract, name } of CASES) {
      const to = await contractsOf(world)[contract].getAddress();
      const data = callOf(world, contract, name, operator.address);
      const transaction = { from: operator.address, to, data, gas: "0x7a1200" };
      // What reverts is mined all the same, or refused by the node; either way nothing comes of it.
      await provider.send("eth_sendTransaction", [transaction]).then(
        () => ++sent,
        (error: unknown) => expect(String(error)).to.include("revert"),
      );
    }

    expect(sent, "some of it is an operator's work").to.be.greaterThan(0);
    expect(await look()).to.deep.equal(before);
  });
});
