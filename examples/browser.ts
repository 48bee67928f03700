/**
 * In a worker of a web page: opens a patient's vault in the origin's private file system, and says what waits for the
 * patient's answer. Any bundler for browsers takes it as it is; the page starts it as a module worker.
 *
 * It is sent `{ url, deployment, privateKey, passphrase, create }`: a node, what the deployment's file holds, and whose
 * account and vault it is.
 */
import { isChartChainError } from "chartchain/errors";
import { connect, createClient, parseDeployment } from "chartchain/sdk";
import { openVault } from "chartchain/vault/web";
import { Wallet } from "ethers";

interface Request {
  url: string;
  deployment: unknown;
  privateKey: string;
  passphrase: string;
  create: boolean;
}

interface WorkerScope {
  onmessage: ((event: { data: Request }) => void) | null;
  postMessage(answer: unknown): void;
}
const worker = globalThis as unknown as WorkerScope;

async function answer({ url, deployment: file, privateKey, passphrase, create }: Request) {
  const deployment = parseDeployment(file);
  const { chainId, genesisHash, contracts } = deployment;
  const chain = { chainId: BigInt(chainId), genesisHash, contracts };
  const runner = new Wallet(privateKey, await connect(url));
  const vault = await openVault({ name: `${chainId}-${runner.address.toLowerCase()}`, chain, passphrase, create });
  try {
    const client = await createClient({ runner, deployment, vault });
    if (create) await client.registerPatient();
    return await client.listPending();
  } finally {
    vault.close();
  }
}

worker.onmessage = ({ data }) => {
  answer(data).then(
    (pending) => worker.postMessage({ pending }),
    (error: unknown) => worker.postMessage({ error: isChartChainError(error) ? error.toJSON() : String(error) }),
  );
};
