import type { AddressLike, ContractTransactionResponse, Signer } from "ethers";

import { ContractAccount__factory } from "../../../typechain-types/index.js";

/** Somebody who signs and acts: a plain account, or a contract that its owner's key signs for. */
export interface Party {
  /** The account that counts. */
  address: string;
  /** The key that signs for it. */
  signer: Signer;
  /** Calls a contract as this account. */
  send(to: AddressLike, data: string): Promise<ContractTransactionResponse>;
}

/** A plain account. */
export async function plainParty(signer: Signer): Promise<Party> {
  return {
    address: await signer.getAddress(),
    signer,
    send: async (to, data) => (await signer.sendTransaction({ to, data })) as ContractTransactionResponse,
  };
}

/** A contract account that answers ERC-1271 for `owner`. */
export async function contractParty(owner: Signer): Promise<Party> {
  const account = await new ContractAccount__factory(owner).deploy(await owner.getAddress());
  await account.waitForDeployment();
  return { address: await account.getAddress(), signer: owner, send: (to, data) => account.execute(to, data) };
}
