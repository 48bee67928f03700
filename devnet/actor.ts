import type { Wallet } from "ethers";

import type { DeliveryFile } from "../src/sdk/index.js";
import type { FullClient } from "../src/sdk/modules/index.js";
import type { RecordStore } from "../src/storage/index.js";
import type { Vault } from "../src/vault/index.js";
import type { ChainIndex } from "../src/watch/index.js";

/** One participant: an account, a vault and a store of its own. */
export interface Actor {
  name: string;
  wallet: Wallet;
  /** An institution's owner, put away, where {@link wallet} is an operator's. */
  owner?: Wallet;
  vault: Vault;
  store: RecordStore;
  client: FullClient;
  /** What the client reads events through, on a devnet whose actors have indexes. */
  index?: ChainIndex;
  /** The vault's folder. */
  home: string;
  /** The vault's passphrase. */
  passphrase: string;
  /** The participant id, once registered; 0 before. */
  id: number;
  /** Every delivery that was handed to this participant. */
  received: DeliveryFile[];
}
