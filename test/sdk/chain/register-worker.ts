import { Wallet } from "ethers";

import { connect, createClient, type Deployment } from "../../../src/sdk/index.js";
import { createEmbeddedStore } from "../../../src/storage/node/index.js";
import { openVault } from "../../../src/vault/node/index.js";

/** What the worker is told on its command line, as JSON. */
export interface WorkerTask {
  url: string;
  deployment: Deployment;
  privateKey: string;
  vault: string;
  passphrase: string;
  store: string;
}

// Registers an account, in a process that the test kills on the way.
const { url, deployment, privateKey, vault, passphrase, store } = JSON.parse(process.argv[2]!) as WorkerTask;
const { chainId, genesisHash, contracts } = deployment;
const client = await createClient({
  runner: new Wallet(privateKey, await connect(url)),
  deployment,
  vault: await openVault({
    directory: vault,
    chain: { chainId: BigInt(chainId), genesisHash, contracts },
    passphrase,
  }),
  store: await createEmbeddedStore({ directory: store, participant: "worker" }),
});
await client.registerPatient();
