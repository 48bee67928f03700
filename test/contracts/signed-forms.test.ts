import { globSync } from "node:fs";
import { basename } from "node:path";

import { expect } from "chai";

/**
 * Every act of a person has a form that is signed and that anybody relays: `…WithSig`. A function without one stands here,
 * with the reason; a new one makes this fail until it has a form or a reason.
 */
const INSTITUTIONS = "an institution's act: it has an account that pays";
const AUTHORITY = "the authority's act, through the AccessManager";
const SIGNED = "takes the signatures of all who act; anybody sends it";
const DUE = "anybody may: it does what is due";
const ERC20 = "ERC-20; EIP-2612's permit is the signed form of the token";
const RECORDS = "whoever writes a record has an account that pays";

/** Contracts in which no person acts. */
const NO_PERSONS = ["Authority"];

const WITHOUT: Record<string, Record<string, string>> = {
  Registrar: {
    registerInstitution: INSTITUTIONS,
    linkIdentity: SIGNED,
    comeOfAge: SIGNED,
    executeRecovery: SIGNED,
    license: AUTHORITY,
    suspend: AUTHORITY,
    confirmSuspension: AUTHORITY,
    reinstate: AUTHORITY,
    freezeOperators: AUTHORITY,
    thawOperators: AUTHORITY,
    withdrawIdentity: INSTITUTIONS,
    setAuthority: AUTHORITY,
  },
  Delegates: {
    representChild: "the Registrar's, when a child is registered",
    addRepresentative: "takes the signature of a present representative; the child's issuer sends it",
    appointAsCourt: INSTITUTIONS,
    endAsCourt: INSTITUTIONS,
    appointAsAuthority: AUTHORITY,
    endAsAuthority: AUTHORITY,
    setAuthority: AUTHORITY,
  },
  PatientProviderRelationships: {
    propose: `${INSTITUTIONS}; a signed offer is the same off chain`,
    withdraw: INSTITUTIONS,
    accept: "establish is its signed form",
    establish: SIGNED,
  },
  Consents: {
    breakGlass: INSTITUTIONS,
    reviewAsAuthority: AUTHORITY,
    setAuthority: AUTHORITY,
  },
  Records: { anchor: RECORDS, anchorBatch: RECORDS, anchorBatches: RECORDS, publishHead: INSTITUTIONS },
  ChartToken: {
    approve: ERC20,
    burn: ERC20,
    burnFrom: ERC20,
    transfer: ERC20,
    transferFrom: ERC20,
    permit: SIGNED,
    mint: "the Data Bank's, a contract",
  },
  DataBank: {
    postBond: INSTITUTIONS,
    releaseBond: INSTITUTIONS,
    withdrawBond: INSTITUTIONS,
    confirmSeason: INSTITUTIONS,
    confirmDeposit: SIGNED,
    keepBond: INSTITUTIONS,
    strike: AUTHORITY,
    setBudget: AUTHORITY,
    burnFees: DUE,
    setAuthority: AUTHORITY,
  },
  Studies: {
    open: INSTITUTIONS,
    cancel: INSTITUTIONS,
    release: DUE,
    deliver: SIGNED,
    answerDispute: INSTITUTIONS,
    acknowledge: SIGNED,
    decideDispute: AUTHORITY,
    closeDispute: DUE,
    setAuthority: AUTHORITY,
    settle: DUE,
    refund: DUE,
    payoutBank: DUE,
    payoutSteward: INSTITUTIONS,
  },
};

interface Abi {
  type: string;
  name?: string;
  stateMutability?: string;
}

const FACTORIES = globSync("typechain-types/factories/contracts/**/*__factory.ts").filter(
  (file) => !file.includes("/mocks/") && !NO_PERSONS.includes(basename(file, "__factory.ts")),
);

/** What somebody can do to a contract, by name; nothing for an interface. */
async function acts(file: string): Promise<string[]> {
  const name = basename(file, ".ts");
  const module = (await import(`../../${file}`)) as Record<string, { abi: readonly Abi[]; bytecode?: string }>;
  const { abi, bytecode } = module[name]!;
  if (bytecode === undefined) return [];
  return abi
    .filter(({ type, stateMutability }) => type === "function" && !["view", "pure"].includes(stateMutability!))
    .map((one) => one.name!);
}

describe("The acts without a signed form", () => {
  for (const file of FACTORIES) {
    const contract = basename(file, "__factory.ts");
    it(`of ${contract} are known, each with its reason`, async () => {
      const all = await acts(file);
      const unsigned = all.filter((name) => !name.endsWith("WithSig") && !all.includes(`${name}WithSig`));

      expect(unsigned.sort()).to.deep.equal(Object.keys(WITHOUT[contract] ?? {}).sort());
    });
  }

  it("are looked for in every contract", () => {
    expect(FACTORIES.map((file) => basename(file, "__factory.ts"))).to.include.members(Object.keys(WITHOUT));
  });
});
