import { expect } from "chai";
import { id as keccakOfText, toBeHex, type Signer } from "ethers";
import { artifacts } from "hardhat";

import { keyDocumentOf, type Chain } from "../../../devnet/index.js";
import { ManyQuestions__factory } from "../../../typechain-types/index.js";
import type { ConsentModel, Question } from "./consent-model.js";
import { now } from "./world.js";

/** Every question that these lists make. */
export function questionsOf(about: {
  patients: readonly bigint[];
  stewards: readonly bigint[];
  viewers: readonly bigint[];
  categories: readonly number[];
  purposes: readonly number[];
}): Question[] {
  const { patients, stewards, viewers, categories, purposes } = about;
  return patients.flatMap((patient) =>
    stewards.flatMap((steward) =>
      viewers.flatMap((viewer) =>
        categories.flatMap((category) => purposes.map((purpose) => ({ patient, steward, viewer, category, purpose }))),
      ),
    ),
  );
}

export const EVERY_CATEGORY = [0, 1, 2, 3, 4, 5, 6, 7];
export const EVERY_PURPOSE = [0, 1, 2, 3, 4, 5, 6];

type Asked = Pick<Chain, "consents" | "provider" | "networkHelpers">;

/** Where the code that asks many questions at once is put: an address that nobody else has. */
const ASKER = toBeHex(0xa5ce0000n, 20);
/** So many questions stay far below what one call may spend. */
const AT_ONCE = 200;

/** Asks the contract. The chain stays as it is: no block is mined for it. */
export async function ask({ consents, provider }: Asked, questions: readonly Question[]): Promise<boolean[]> {
  const { deployedBytecode } = await artifacts.readArtifact("ManyQuestions");
  await provider.send("hardhat_setCode", [ASKER, deployedBytecode]);
  const asker = ManyQuestions__factory.connect(ASKER, provider);
  const answers: boolean[] = [];
  for (let i = 0; i < questions.length; i += AT_ONCE) {
    const packed = questions.slice(i, i + AT_ONCE).map(packedOf);
    answers.push(...(await asker.ask(consents, packed)));
  }
  return answers;
}

const packedOf = ({ patient, steward, viewer, category, purpose }: Question): bigint =>
  (patient << 96n) | (steward << 56n) | (viewer << 16n) | BigInt((category << 8) | purpose);

/** Asks everything, and expects the model's answers; returns how many were yes. */
export async function compare(
  chain: Asked,
  model: ConsentModel,
  questions: Question[],
  nameOf = new Map<bigint, string>(),
): Promise<number> {
  const time = await now(chain);
  const answers = await ask(chain, questions);
  const expected = questions.map((question) => model.mayView(question, time));
  const wrong = questions
    .filter((_, i) => answers[i] !== expected[i])
    .map((q) => ({ ...q, steward: nameOf.get(q.steward) ?? q.steward, viewer: nameOf.get(q.viewer) ?? q.viewer }));
  expect(wrong).to.deep.equal([]);
  return answers.filter(Boolean).length;
}

export interface Somebody {
  signer: Signer;
  id: bigint;
}

async function newAccount({ ethers, provider, networkHelpers }: Chain) {
  const wallet = ethers.Wallet.createRandom(provider);
  await networkHelpers.setBalance(wallet.address, 10n ** 20n);
  return wallet;
}

/** A person for each name. */
export async function persons<Name extends string>(chain: Chain, names: readonly Name[]) {
  const all = new Map<Name, Somebody>();
  for (const name of names) {
    const signer = await newAccount(chain);
    await chain.registrar.connect(signer).registerPatient(keyDocumentOf(name));
    all.set(name, { signer, id: await chain.registrar.participantOf(signer.address) });
  }
  return (name: Name) => all.get(name)!;
}

/** A licensed institution for each name. */
export async function institutions<Name extends string>(
  chain: Chain,
  names: readonly Name[],
  licenceOf: (name: Name) => { roles: number; until: number } | undefined,
) {
  const { registrar, accessManager, authority, networkHelpers } = chain;
  const all = new Map<Name, Somebody>();
  const licences: string[] = [];
  for (const name of names) {
    const signer = await newAccount(chain);
    await registrar.connect(signer).registerInstitution(keyDocumentOf(name), name);
    const id = await registrar.participantOf(signer.address);
    all.set(name, { signer, id });
    const licence = licenceOf(name);
    if (licence === undefined) continue;
    const args = [id, keccakOfText(name), licence.roles, licence.until] as const;
    licences.push(registrar.interface.encodeFunctionData("license", [...args]));
  }
  for (const data of licences) await accessManager.connect(authority).schedule(registrar, data, 0);
  await networkHelpers.time.increase(60);
  for (const data of licences) await accessManager.connect(authority).execute(registrar, data);
  return (name: Name) => all.get(name)!;
}
