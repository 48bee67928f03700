import { id as keccakOfText, toBeHex } from "ethers";

import { PROVIDER, keyDocumentOf } from "../../../devnet/index.js";
import { DAY } from "./typed-data.js";
import { now, type World } from "./world.js";

type Chain = Pick<World, "provider" | "registrar" | "accessManager" | "authority" | "networkHelpers" | "ethers">;

/** Accounts that the local chain signs for, with nothing but gas. */
export async function crowd(chain: Chain, size: number, from = 1): Promise<string[]> {
  const accounts = Array.from({ length: size }, (_, i) => toBeHex(0xc0ffee_000000n + BigInt(from + i), 20));
  await Promise.all(
    accounts.map(async (account) => {
      await chain.provider.send("hardhat_impersonateAccount", [account]);
      await chain.provider.send("hardhat_setBalance", [account, toBeHex(10n ** 18n)]);
    }),
  );
  return accounts;
}

/** Sends a call from each account, or many from one, without waiting for one after the other. */
export async function sendAll(chain: Chain, calls: readonly { from: string; to: string; data: string }[]) {
  const gas = toBeHex(500_000);
  const hashes: string[] = [];
  for (let i = 0; i < calls.length; i += 500) {
    const sent = calls
      .slice(i, i + 500)
      .map((call) => chain.provider.send("eth_sendTransaction", [{ ...call, gas }]) as Promise<string>);
    hashes.push(...(await Promise.all(sent)));
  }
  return hashes;
}

/** So many persons. */
export async function registerCrowd(chain: Chain, size: number, from = 1): Promise<bigint[]> {
  const accounts = await crowd(chain, size, from);
  const to = await chain.registrar.getAddress();
  const data = chain.registrar.interface.encodeFunctionData("registerPatient", [keyDocumentOf("one of many")]);
  await sendAll(
    chain,
    accounts.map((account) => ({ from: account, to, data })),
  );
  return Promise.all(accounts.map((account) => chain.registrar.participantOf(account)));
}

export interface CrowdProvider {
  id: bigint;
  account: string;
}

/** So many licensed providers, licensed in bulk. */
export async function licenseCrowd(chain: Chain, size: number, from = 100_001): Promise<CrowdProvider[]> {
  const { registrar, accessManager, authority, networkHelpers } = chain;
  const accounts = await crowd(chain, size, from);
  const to = await registrar.getAddress();
  const register = registrar.interface.encodeFunctionData("registerInstitution", [keyDocumentOf("clinic"), "Clinic"]);
  await sendAll(
    chain,
    accounts.map((account) => ({ from: account, to, data: register })),
  );
  const ids = await Promise.all(accounts.map((account) => registrar.participantOf(account)));

  const until = (await now(chain)) + 3000 * DAY;
  const licences = ids.map((id) =>
    registrar.interface.encodeFunctionData("license", [id, keccakOfText("Clinic"), PROVIDER, until]),
  );
  const manager = accessManager.connect(authority);
  const call = accessManager.interface;
  for (let i = 0; i < licences.length; i += 50) {
    const part = licences.slice(i, i + 50);
    await manager.multicall(part.map((data) => call.encodeFunctionData("schedule", [to, data, 0])));
  }
  await networkHelpers.time.increase(60);
  for (let i = 0; i < licences.length; i += 50) {
    const part = licences.slice(i, i + 50);
    await manager.multicall(part.map((data) => call.encodeFunctionData("execute", [to, data])));
  }
  return ids.map((id, i) => ({ id, account: accounts[i]! }));
}
