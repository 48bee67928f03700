import { AbstractSigner, type Provider, type TypedDataDomain, type TypedDataField, type Wallet } from "ethers";

import { ContractAccount__factory } from "../../typechain-types/index.js";

/** An account that is a contract: its owner's key signs, the contract says that this is its signature (ERC-1271). */
export class ContractAccountSigner extends AbstractSigner<Provider> {
  readonly #owner: Wallet;
  readonly #address: string;

  private constructor(owner: Wallet, address: string) {
    super(owner.provider!);
    this.#owner = owner;
    this.#address = address;
  }

  /** Deploys the account; `owner` pays. */
  static async deploy(owner: Wallet): Promise<ContractAccountSigner> {
    const account = await new ContractAccount__factory(owner).deploy(owner.address);
    await account.waitForDeployment();
    return new ContractAccountSigner(owner, await account.getAddress());
  }

  override async getAddress(): Promise<string> {
    return this.#address;
  }

  override async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    return this.#owner.signTypedData(domain, types, value);
  }

  override connect(): never {
    throw new Error("a contract account stays on its chain");
  }

  override async signTransaction(): Promise<never> {
    throw new Error("a contract account sends nothing");
  }

  override async signMessage(): Promise<never> {
    throw new Error("a contract account signs typed data only");
  }
}
