import type { Provider, Signer } from "ethers";

import { ChartChainError } from "../errors/index.js";
import type { RecordStore } from "../storage/index.js";
import type { Vault } from "../vault/index.js";
import { checkDeployment } from "./chain/check-deployment.js";
import { connectContracts } from "./chain/contracts.js";
import type { Deployment } from "./chain/deployment.js";
import { nodeEvents, type EventSource } from "./chain/event-source.js";
import { guardContracts, guardProvider, guardSigner } from "./chain/guarded.js";
import { otherNode, ownNode, withNames } from "./chain/nodes.js";
import type { Context, Finality, TransactionReport } from "./context.js";
import type { KeyDocuments } from "./handover/key-document-source.js";
import type { Bound, Module } from "./module.js";

/** What a client is made of. */
export interface ClientOptions<Modules extends readonly Module[] = readonly Module[]> {
  /** An account with its provider, or a provider alone for a client that only reads. */
  runner: Signer | Provider;
  /** Where the contracts are. */
  deployment: Deployment;
  /**
   * What the client does beside the core, and what may keep keys back: the deployment has their contracts. Without a module
   * that knows of research, no keys go out for it.
   */
  modules?: Modules;
  /**
   * Further nodes, each a provider or the URL of one (`http://` or `https://`): whatever gives access away is asked of all of
   * them, so that one that lies is found out. Run by other people than the runner's node, or they lie together.
   */
  otherNodes?: readonly (Provider | string)[];
  /** How many nodes, the runner's among them, have to agree before anything increases (default: all). */
  agreement?: number;
  /**
   * An index of what the runner's node has (`openIndex` of `chartchain/watch`), so that no action scans the chain's log; the
   * node itself when left out. Other nodes are always asked themselves.
   */
  events?: EventSource;
  /** The participant's vault; needed for keys and records. */
  vault?: Vault;
  /** Where ciphertext is; needed for records. */
  store?: RecordStore;
  /** Where key documents come from that nobody handed over in a file; none when left out. */
  keyDocuments?: KeyDocuments;
  /** Which block counts as final (default: the node's `finalized` tag). */
  finality?: Finality;
  /** The most wei that a transaction may pay for one unit of gas; no ceiling when left out. */
  maxFeePerGas?: bigint;
  /**
   * The most wei that it may pay for one unit of gas beyond the base fee, which goes to whoever builds the block. When
   * left out: twice the base fee, at least 5 gwei and at most 100.
   */
  maxPriorityFeePerGas?: bigint;
  /** The local time in seconds since 1970. */
  clock?: () => number;
  /** Told of every transaction when its receipt is there. */
  onTransaction?: (report: TransactionReport) => void;
}

/**
 * Makes what every action works with: checks that the node is on the right chain and has the contracts.
 *
 * @throws CHAIN_UNREACHABLE, DEPLOYMENT_INVALID, WRONG_CHAIN, CHAIN_RESTARTED, CONTRACTS_NOT_DEPLOYED,
 *   RUNNER_WITHOUT_PROVIDER, AGREEMENT_INVALID
 */
export async function openContext(options: ClientOptions): Promise<Context> {
  const { runner, deployment, vault, store, modules = [] } = options;
  const signer = isSigner(runner) ? runner : undefined;
  const node = signer === undefined ? (runner as Provider) : signer.provider;
  if (node == null) {
    throw new ChartChainError("RUNNER_WITHOUT_PROVIDER", "the account isn't connected to a node", {
      hint: "Connect it first: wallet.connect(provider).",
    });
  }
  const provider = guardProvider(node);
  await checkDeployment(provider, deployment, modules);
  const contracts = guardContracts(connectContracts(deployment, runner, modules));
  const others = (options.otherNodes ?? []).map((node) => otherNode(node, deployment, modules));
  const events = options.events ?? nodeEvents(provider);
  const nodes = withNames([ownNode(provider, contracts, events), ...others]);
  return {
    provider,
    signer: signer && guardSigner(signer),
    deployment,
    contracts,
    modules,
    events,
    nodes,
    agreement: agreementOf(options.agreement, nodes.length),
    vault,
    store,
    keyDocuments: options.keyDocuments,
    finality: options.finality ?? "tag",
    maxFeePerGas: options.maxFeePerGas,
    maxPriorityFeePerGas: options.maxPriorityFeePerGas,
    clock: options.clock ?? (() => Math.floor(Date.now() / 1000)),
    onTransaction: options.onTransaction,
  };
}

/** Actions as a client has them, each by its name: what they work with is in them. */
export function bindActions<Verbs extends object>(context: Context, actions: Verbs): Bound<Verbs> {
  const bound = Object.entries(actions).map(([name, action]) => [
    name,
    (...input: unknown[]) => (action as (ctx: Context, ...input: unknown[]) => unknown)(context, ...input),
  ]);
  // What the type says of them is what was handed in.
  return Object.fromEntries(bound) as Bound<Verbs>;
}

function agreementOf(agreement: number | undefined, nodes: number): number {
  if (agreement === undefined) return nodes;
  if (Number.isSafeInteger(agreement) && agreement >= 1 && agreement <= nodes) return agreement;
  throw new ChartChainError("AGREEMENT_INVALID", `${agreement} of ${nodes} nodes can't be asked to agree`, {
    details: { agreement, nodes },
    hint: "Give a whole number from 1 to the number of nodes, the account's own included.",
  });
}

const isSigner = (runner: Signer | Provider): runner is Signer => "signTypedData" in runner;
