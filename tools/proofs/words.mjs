/** Whether packing loses nothing: the contracts' packing functions, run on words of which every bit is unknown. */
import { declarationsOf, evaluate } from "./bits/evaluate.mjs";
import { TooManyCases } from "./bits/bdd.mjs";
import { checksOf } from "./claims.mjs";
import { sourceOf, treesOf } from "./compiler.mjs";

/** @typedef {import("./claims.mjs").Claim} Claim */
/** @typedef {import("./compiler.mjs").Changes} Changes */

const FILES = ["tools/proofs/words/Words.sol", "tools/proofs/words/CategoryMasks.sol"];

/** @param {Changes} changes @returns {Claim[]} */
export function proveWords(changes) {
  const trees = treesOf(FILES, changes);
  const declarations = declarationsOf(Object.values(trees));
  const checks = FILES.flatMap((file) => checksOf(trees[file], sourceOf(file, changes)));
  return checks.flatMap((check) => {
    const { claims, reverts } = evaluated(check.function, declarations);
    const proved = check.assertions.map(({ says, node }) =>
      claimOf(
        says,
        claims.some(({ at, holds }) => at === node && holds),
      ),
    );
    const [, total] = /Proved, too\. (.*)\./.exec(check.function.documentation?.text ?? "") ?? [];
    return total === undefined ? proved : [...proved, claimOf(total, !reverts)];
  });
}

/** Nothing, where a mistake makes too many cases. @param {Parameters<typeof evaluate>} input @returns {ReturnType<typeof evaluate>} */
function evaluated(...input) {
  try {
    return evaluate(...input);
  } catch (error) {
    if (!(error instanceof TooManyCases)) throw error;
    return { claims: [], reverts: true };
  }
}

/** @param {string} says `Lanes: …`: the type it is about, and what holds. @param {boolean} proved */
function claimOf(says, proved) {
  const [type, ...property] = says.split(": ");
  return { property: property.join(": "), about: `contracts/types/${type}.sol`, by: "bit-level prover", proved };
}
