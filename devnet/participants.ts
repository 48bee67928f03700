import { id as keccakOfText, sha256, toUtf8Bytes, type Signer } from "ethers";

import { AUTHORITY_DELAY, type Chain } from "./chain.js";

/** Roles of a licence, as the Registrar's bits. */
export const PROVIDER = 1;
export const PAYER = 2;
export const RESEARCHER = 4;
export const PUBLIC_HEALTH = 8;
export const EMERGENCY = 16;
export const COURT = 32;

const YEAR = 365 * 24 * 60 * 60;

/** The digest of a key document that nobody has to read. */
export const keyDocumentOf = (name: string): string => sha256(toUtf8Bytes(`key document of ${name}`));

/** Runs a restricted call through the Authority: announces it, waits out the delay, executes it. */
export async function asAuthority(chain: Chain, target: { getAddress(): Promise<string> }, ...calls: string[]) {
  const manager = chain.accessManager.connect(chain.authority);
  const address = await target.getAddress();
  for (const data of calls) await (await manager.schedule(address, data, 0)).wait();
  await chain.networkHelpers.time.increase(AUTHORITY_DELAY);
  const executed = [];
  for (const data of calls) executed.push(await manager.execute(address, data));
  return executed.at(-1)!;
}

/** Registers a person. @returns the participant id */
export async function registerPatient(chain: Chain, account: Signer, name = "a patient"): Promise<bigint> {
  await (await chain.registrar.connect(account).registerPatient(keyDocumentOf(name))).wait();
  return chain.registrar.participantOf(await account.getAddress());
}

/** Registers an institution and has it licensed for a year. @returns the participant id */
export async function licenseInstitution(
  chain: Chain,
  account: Signer,
  name: string,
  roles: number,
  until?: number,
): Promise<bigint> {
  await (await chain.registrar.connect(account).registerInstitution(keyDocumentOf(name), name)).wait();
  const institution = await chain.registrar.participantOf(await account.getAddress());
  const end = until ?? (await chain.networkHelpers.time.latest()) + YEAR;
  const data = chain.registrar.interface.encodeFunctionData("license", [institution, keccakOfText(name), roles, end]);
  await (await asAuthority(chain, chain.registrar, data)).wait();
  return institution;
}
