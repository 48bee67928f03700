import { AbiCoder, concat, keccak256 } from "ethers";

/** What a deposit is known by. */
export interface DepositKey {
  patient: number;
  steward: number;
  season: number;
}

/** A batch of deposits: its root, and a proof for each patient. */
export interface DepositTree {
  root: string;
  proofs: Map<number, string[]>;
}

/** What stands for a deposit in a batch. Hashed twice, so that an inner node is never taken for one. */
export const depositLeaf = ({ patient, steward, season }: DepositKey): string =>
  keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(["uint40", "uint40", "uint32"], [patient, steward, season])));

/**
 * Builds the Merkle tree over a steward's deposits of a season, as OpenZeppelin's contracts verify it: pairs are sorted
 * before they are hashed. Its leaves are sorted as well, so the root doesn't tell the order of the patients.
 *
 * @param patients at least one, each once
 */
export function depositTree(steward: number, season: number, patients: readonly number[]): DepositTree {
  const leaves = patients
    .map((patient) => ({ patient, leaf: depositLeaf({ patient, steward, season }) }))
    .sort((a, b) => (a.leaf < b.leaf ? -1 : 1));
  // One array, root first: the children of node i are 2i + 1 and 2i + 2, and the leaves come last.
  const nodes = new Array<string>(2 * leaves.length - 1);
  const place = (leaf: number) => nodes.length - 1 - leaf;
  leaves.forEach(({ leaf }, i) => (nodes[place(i)] = leaf));
  for (let i = leaves.length - 2; i >= 0; i--) nodes[i] = hashPair(nodes[2 * i + 1]!, nodes[2 * i + 2]!);
  const proofs = new Map(leaves.map(({ patient }, i) => [patient, siblingsOf(nodes, place(i))]));
  return { root: nodes[0]!, proofs };
}

/** Whether a proof leads from a deposit to a root. */
export const verifyDeposit = (deposit: DepositKey, proof: readonly string[], root: string): boolean =>
  proof.reduce(hashPair, depositLeaf(deposit)) === root;

function siblingsOf(nodes: readonly string[], leaf: number): string[] {
  const siblings: string[] = [];
  for (let i = leaf; i > 0; i = (i - 1) >> 1) siblings.push(nodes[i % 2 === 0 ? i - 1 : i + 1]!);
  return siblings;
}

const hashPair = (a: string, b: string): string => keccak256(a < b ? concat([a, b]) : concat([b, a]));
