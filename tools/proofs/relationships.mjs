/** Which edges a relationship takes, under which nonce and at whose word: the SMTChecker over the contract's functions. */
import { checksOf, REACHED } from "./claims.mjs";
import { provedBySmtChecker, sourceOf, treesOf } from "./compiler.mjs";
import { pruned } from "./prune.mjs";
import { CONTRACT, sliceOf } from "./relationships/slice.mjs";

/** @typedef {import("./claims.mjs").Claim} Claim */
/** @typedef {import("./compiler.mjs").Changes} Changes */

const FOLDER = "tools/proofs/relationships";
const INTERFACE = "contracts/interfaces/IPatientProviderRelationships.sol";

/** The functions that are proved, by the file of their check; docs/assurance/proofs.md says what stands in for the others. @type {Record<string, string[]>} */
const GROUPS = {
  Closing: ["withdraw"],
  Pausing: ["suspend", "resume", "blockProvider", "unblockProvider"],
};
export const ENTRANCES = Object.values(GROUPS).flat();

const checkNameOf = (/** @type {string} */ entrance) => `check${entrance[0].toUpperCase()}${entrance.slice(1)}`;

/** @param {string} entrance @param {Changes} changes @returns {Claim[]} */
export function proveRelationship(entrance, changes) {
  const [group = ""] = Object.entries(GROUPS).find(([, entrances]) => entrances.includes(entrance)) ?? [];
  const file = `${FOLDER}/${group}.sol`;
  const name = checkNameOf(entrance);
  const sliced = pruned(
    [file, `${FOLDER}/Watched.sol`, `${FOLDER}/Oracle.sol`, CONTRACT],
    [INTERFACE],
    [name, "about"],
    { ...changes, [CONTRACT]: slice(changes).slice },
  );
  const [check] = checksOf(treesOf([file], sliced)[file], sourceOf(file, sliced));
  const proved = provedBySmtChecker(file, group, "bmc", sliced);
  const last = check.assertions.at(-1);
  // A check that never gets to its end would prove everything.
  const ends = last?.says === REACHED && !proved.has(last.node.start);
  return check.assertions
    .filter(({ says }) => says !== REACHED)
    .map(({ says, node }) => ({
      property: `${entrance}: ${says}`,
      about: CONTRACT,
      by: "SMTChecker (BMC)",
      proved: ends && proved.has(node.start),
    }));
}

/** Functions that change something and that no proof is about. @param {Changes} changes @returns {string[]} */
export const unprovedEntrances = (changes) => slice(changes).entrances.filter((one) => !ENTRANCES.includes(one));

/** @param {Changes} changes */
const slice = (changes) => sliceOf(sourceOf(CONTRACT, changes), treesOf([CONTRACT], changes)[CONTRACT]);
