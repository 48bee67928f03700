import { id as keccakOfText, type Signer } from "ethers";

import { RESEARCHER, asAuthority, keyDocumentOf, type Chain } from "../../devnet/index.js";
import { CHART, NO_SIGNATURE, attest, endow, fund } from "../helpers/contracts/bank.js";
import { registerCrowd, crowd, sendAll } from "../helpers/contracts/crowd.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { digestOf } from "../helpers/contracts/world.js";

const HRESCH = 4;
export const CATEGORIES = 0b00000101;
export const MAXIMUM = 1000;

type StudyChain = Chain & { ids: { hospital: bigint }; names: Map<bigint, string> };

export interface GasStudy {
  university: Signer;
  researcher: bigint;
  number: bigint;
  enrolUntil: number;
  closesAt: number;
  /** How many take part already. */
  participants: number;
}

/**
 * A university's study with the hospital's records, in which so many take part and of all but the last data can be
 * delivered; the hospital may confirm deposits.
 */
export async function openStudy(chain: StudyChain, participants: number): Promise<GasStudy> {
  const { registrar, studies, chartToken, consents, dataBank, generalHospital, ids, names } = chain;
  const university = (await chain.ethers.getSigners())[10]!;
  await (await registrar.connect(university).registerInstitution(keyDocumentOf("University"), "University")).wait();
  const researcher = await registrar.participantOf(await university.getAddress());
  names.set(researcher, "University");
  const now = await chain.networkHelpers.time.latest();
  const licence = [researcher, keccakOfText("University"), RESEARCHER, now + 3650 * DAY] as const;
  await asAuthority(chain, registrar, registrar.interface.encodeFunctionData("license", [...licence]));
  await fund(chain, ids.hospital, 100_000);
  await endow(chain, await university.getAddress(), 1_000_000n * CHART);
  await (await chartToken.connect(university).approve(studies, 2n ** 256n - 1n)).wait();

  const [enrolUntil, closesAt] = [now + 60 * DAY, now + 90 * DAY];
  await (await studies.connect(university).open(offerOf(enrolUntil, closesAt))).wait();

  const accounts = await crowd(chain, participants, 500_001);
  const patients = await registerCrowd(chain, participants, 500_001);
  for (const account of accounts) await attest(chain, generalHospital, account, digestOf(account));
  const grant = {
    viewer: researcher,
    purpose: HRESCH,
    steward: ids.hospital,
    categories: CATEGORIES,
    sensitiveFromAnySteward: false,
    until: now + 100 * DAY,
  };
  const steps = (account: string, patient: bigint): [{ getAddress(): Promise<string> }, string][] => [
    [dataBank, dataBank.interface.encodeFunctionData("openAccount", [ids.hospital, digestOf(account)])],
    [consents, consents.interface.encodeFunctionData("grant", [patient, grant])],
    [studies, studies.interface.encodeFunctionData("join", [1n, ids.hospital, 0, NO_SIGNATURE])],
  ];
  for (let step = 0; step < 3; ++step) {
    const calls = accounts.map(async (from, i) => {
      const [contract, data] = steps(from, patients[i]!)[step]!;
      return { from, to: await contract.getAddress(), data };
    });
    await sendAll(chain, await Promise.all(calls));
  }
  return { university, researcher, number: 1n, enrolUntil, closesAt, participants };
}

export const offerOf = (enrolUntil: number, closesAt: number) => ({
  termsDigest: digestOf("the salted terms of a study"),
  categories: CATEGORIES,
  price: 100n * CHART,
  minimum: 1,
  maximum: MAXIMUM,
  enrolUntil,
  closesAt,
});
