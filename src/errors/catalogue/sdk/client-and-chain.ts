import type { Explanations } from "../explanation.js";

export const CLIENT_AND_CHAIN = {
  AGREEMENT_INVALID: {
    why: "`agreement` asks for more nodes than there are, or for none.",
    fix: "Give a whole number from 1 to the number of nodes, the account's own included; leave it out for all of them.",
  },
  ARGUMENT_INVALID: {
    why: "A value doesn't fit what the contract, or the function, takes. Nothing was sent.",
    fix: "Participant ids and times are whole numbers, digests are 32 bytes in hex. The message names the value.",
  },
  CHAIN_CALL_FAILED: {
    why: "The node answered a call with an error that is neither a revert of these contracts nor one of the causes below.",
    fix: "Read `cause`: it holds the node's own answer.",
  },
  CHAIN_RESTARTED: {
    why: "Block 0 of the node's chain isn't the one that the deployment names. A local chain starts empty each time.",
    fix: "Deploy again (`chartchain network deploy`), and let each actor begin with a new vault, or connect to the chain that the deployment is on.",
  },
  CHAIN_UNREACHABLE: {
    why: "The node doesn't answer, doesn't take the credentials in its URL, answers with something that is no JSON-RPC, can't answer now (asked again several times), or has no block to give, such as a final one. Nothing is decided and nothing is released meanwhile.",
    fix: "Start the node or correct its URL (`--rpc`, `CHARTCHAIN_RPC`). Where a chain has no `finalized` block, give the finality as a number of blocks (`--finality`, `CHARTCHAIN_FINALITY`, `createClient({ finality })`).",
  },
  CONTRACTS_NOT_DEPLOYED: {
    why: "The chain is the right one, and at least one address of the deployment has no code. `details.missing` names them.",
    fix: "Deploy to this chain, or use the deployment file that belongs to it.",
  },
  DEPLOYMENT_INVALID: {
    why: "The deployment file isn't JSON, or lacks a chain id, a genesis hash, a block or an address, also that of a module that the client has; or the checksum of an address (EIP-55) is wrong: `details` names the contract.",
    fix: "Use the file that the deploy script wrote, or deploy again.",
  },
  FORMAT_NEWER: {
    why: "A deployment file, an emergency card, a backup or something sealed carries a format's number (`details.version`) that is higher than this version knows: a newer version of chartchain made it.",
    fix: "Update chartchain.",
  },
  FEE_TOO_HIGH: {
    why: "Gas costs more now than the client's ceiling `maxFeePerGas`, or the node wants a tip above the ceiling `maxPriorityFeePerGas` (twice the base fee, from 5 to 100 gwei, where none is set). Nothing was sent.",
    fix: "Wait until gas is cheaper, or raise the ceiling (`--max-fee`, `--max-tip`). A tip that nobody else pays is a wrong answer of the node: use another one.",
  },
  MODULES_CLASH: {
    why: "Two of the modules that `createClient` was given, or one of them and the core, use a name of `details.what` (`action`, `contract`) for different things.",
    fix: "Hand each module in once. Where two modules have the same name for different things, use two clients.",
  },
  NODES_BEHIND: {
    why: "Of several nodes, one doesn't know yet what another one does. At the newest block that they all have they say the same.",
    fix: "Try again when all have the newest block. `details.nodes` says which one is behind.",
  },
  NODES_DISAGREE: {
    why: "Of several nodes, two say different things about the same block. One lies, or is on another fork. Nothing is granted, approved, released or accepted; whatever reduces goes on.",
    fix: "`details.nodes` says who said what. Find out which one is wrong, and leave it out.",
  },
  NODES_MISSING: {
    why: "Of several nodes, fewer answer than have to agree: the others can't be reached, are behind, or are on another chain.",
    fix: "Bring them back, or ask for fewer (`agreement`, `--agreement`). Revoking needs none of them.",
  },
  NO_FUNDS: {
    why: "The account's balance is below the gas limit times the price. Nothing was sent.",
    fix: "Send it ether, or sign the action (`sign…`) and let somebody else relay it.",
  },
  RATE_LIMITED: {
    why: "The node, or the service before it, was asked more often than it allows. It was asked again after the pauses that it named itself; `details.retryAfter` is how many seconds it wants to be left alone, where it says so.",
    fix: "Wait, or use a node or a plan that may be asked more often. What was sent meanwhile stays in the journal.",
  },
  RUNNER_WITHOUT_PROVIDER: {
    why: "`createClient` was given a signer that is connected to no node.",
    fix: "Connect it first: `wallet.connect(provider)`.",
  },
  SIGNER_MISSING: {
    why: "The action needs an account, and the client was made with a provider alone.",
    fix: "Create the client with a signer as its `runner`.",
  },
  SIGNING_REFUSED: {
    why: "The wallet, or the person who holds it, refused to sign. Nothing was sent.",
    fix: "Ask again, and confirm it in the wallet.",
  },
  STORE_MISSING: {
    why: "The action reads or writes blocks, and the client was made without a record store.",
    fix: "Give `store` to `createClient`.",
  },
  TRANSACTION_ALTERED: {
    why: "The wallet was asked to sign a transaction and signed another one: another sender, nonce, target, value or call. Nothing was sent.",
    fix: "Use another wallet.",
  },
  TRANSACTION_PENDING: {
    why: "The transaction isn't in a block after three minutes. It may still be mined.",
    fix: "Make a new client later: it brings this transaction to its end before anything new is sent.",
  },
  TRANSACTION_REPLACED: {
    why: "Another transaction of the same account took the nonce. The action was not carried out.",
    fix: "Look at the state and run the action again; don't send from this account elsewhere meanwhile.",
  },
  TRANSACTION_REVERTED: {
    why: "The transaction was mined and reverted: something changed between the check and the block. Its gas is spent.",
    fix: "Look at the state and run the action again.",
  },
  VAULT_MISSING: {
    why: "The action needs keys or envelopes, and the client was made without a vault.",
    fix: "Open the participant's vault and give it to `createClient`.",
  },
  WRONG_CHAIN: {
    why: "The node's chain id isn't the deployment's.",
    fix: "Connect to a node of the right chain, or use that chain's deployment file.",
  },
} satisfies Explanations;
