import { AbiCoder, concat, HDNodeWallet, id, keccak256, Mnemonic, type Signer } from "ethers";

import { asAuthority, createChain, keyDocumentOf, licenseInstitution, PROVIDER } from "../../devnet/index.js";
import type { Terms } from "./ledger.js";

const YEAR = 365 * 24 * 60 * 60;
const HOUR = 60 * 60;

/** The Data Bank on a chain of its own, as the deployment makes it, with licensed stewards. */
export async function createBank({ stewards, years }: { stewards: number; years: number }) {
  const chain = await createChain();
  const { ethers, networkHelpers, registrar, dataBank: bank } = chain;
  const { time } = networkHelpers;
  const start = Number(await bank.start());
  const seasonLength = Number(await bank.SEASON());

  let wallets = 0;
  const root = HDNodeWallet.fromMnemonic(Mnemonic.fromEntropy(`0x${"00".repeat(16)}`), "m/44'/60'/0'");
  async function newAccount(): Promise<Signer> {
    const wallet = root.derivePath(`0/${wallets++}`).connect(ethers.provider);
    await networkHelpers.setBalance(wallet.address, 10n ** 22n);
    return wallet;
  }

  const until = (await time.latest()) + (years + 2) * YEAR;
  const institutions: { signer: Signer; participant: bigint }[] = [];
  for (let i = 0; i < stewards; i++) {
    const signer = await newAccount();
    const participant = await licenseInstitution(chain, signer, `Steward ${i + 1}`, PROVIDER, until);
    institutions.push({ signer, participant });
  }

  return {
    bank,
    registrar,
    time,
    institutions,
    close: () => chain.connection.close(),

    async terms(): Promise<Terms> {
      return {
        bonusPercent: await bank.BONUS_PERCENT(),
        maxStreak: Number(await bank.MAX_STREAK()),
        vesting: Number(await bank.VESTING()) / HOUR,
      };
    },

    /** What the authority allows, and the bond that stands for it. */
    async fund(budgets: readonly number[]): Promise<void> {
      // One bond stands for every season that can still be struck.
      const bond = (await bank.BOND_PER_DEPOSIT()) * (await bank.STRIKE_UNTIL());
      const calls = budgets.map((budget, i) =>
        bank.interface.encodeFunctionData("setBudget", [institutions[i]!.participant, budget]),
      );
      await asAuthority(chain, bank, ...calls);
      for (const [i, budget] of budgets.entries()) {
        await bank.postBond(institutions[i]!.participant, { value: bond * BigInt(budget) });
      }
    },

    /** The authority sets how many deposits a steward may confirm in a season. */
    async allow(steward: bigint, budget: number): Promise<void> {
      await asAuthority(chain, bank, bank.interface.encodeFunctionData("setBudget", [steward, budget]));
    },

    async strike(deposits: readonly { patient: bigint; steward: bigint; season: number; proof: string[] }[]) {
      const calls = deposits.map(({ patient, steward, season, proof }) =>
        bank.interface.encodeFunctionData("strike", [patient, steward, season, proof]),
      );
      await asAuthority(chain, bank, ...calls);
    },

    /** A patient with an account at the bank, whose identity the first steward attested. */
    async openAccount(name: string, issuer = 0): Promise<{ signer: Signer; participant: bigint }> {
      const signer = await newAccount();
      await registrar.connect(signer).registerPatient(keyDocumentOf(name));
      const account = await signer.getAddress();
      const commitment = id(name);
      const attesting = institutions[issuer]!;
      const deadline = (await time.latest()) + YEAR;
      const { name: domainName, version, chainId, verifyingContract } = await registrar.eip712Domain();
      const signature = await attesting.signer.signTypedData(
        { name: domainName, version, chainId, verifyingContract },
        {
          IdentityAttestation: [
            { name: "issuer", type: "uint40" },
            { name: "account", type: "address" },
            { name: "commitment", type: "bytes32" },
            { name: "deadline", type: "uint48" },
          ],
        },
        { issuer: attesting.participant, account, commitment, deadline },
      );
      const authorization = { account: await attesting.signer.getAddress(), deadline, signature };
      await registrar.linkIdentity(account, commitment, authorization);
      await bank.connect(signer).openAccount(attesting.participant, commitment);
      return { signer, participant: await registrar.participantOf(account) };
    },

    /** Lets the time pass to the first full hour of a season's second day. Returns it, in hours since 1970. */
    async toSeason(season: number): Promise<number> {
      const hour = Math.ceil((start + season * seasonLength) / HOUR) + 24;
      if ((await time.latest()) < hour * HOUR) await time.increaseTo(hour * HOUR);
      return hour;
    },
  };
}

export type Bank = Awaited<ReturnType<typeof createBank>>;

const leafOf = (patient: bigint, steward: bigint, season: number): string =>
  keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(["uint40", "uint40", "uint32"], [patient, steward, season])));

const parentOf = (a: string, b: string): string => keccak256(concat(a < b ? [a, b] : [b, a]));

/** A steward's batch: the root over its patients, and the proof of each. */
export function batchOf(patients: readonly bigint[], steward: bigint, season: number) {
  const levels = [patients.map((patient) => leafOf(patient, steward, season))];
  while (levels[0]!.length > 1) {
    const [below] = levels as [string[]];
    levels.unshift(
      Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => {
        const [left, right] = [below[2 * i]!, below[2 * i + 1]];
        return right === undefined ? left : parentOf(left, right);
      }),
    );
  }
  return {
    root: levels[0]![0]!,
    proof(index: number): string[] {
      const path: string[] = [];
      for (const level of levels.slice(1).reverse()) {
        const sibling = level[index ^ 1];
        if (sibling !== undefined) path.push(sibling);
        index >>= 1;
      }
      return path;
    },
  };
}
