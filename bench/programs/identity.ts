import { comparePeople } from "../../src/fhir/index.js";
import { report } from "../lib/child.js";
import { personPairs, type PersonPair } from "../people/pairs.js";

const pairs = personPairs();
const seen = pairs.filter(({ heldOut }) => !heldOut);
const heldOut = pairs.filter((pair) => pair.heldOut);

const isMerged = ({ a, b }: PersonPair): boolean => comparePeople(a, b).verdict === "same";
const wrongMerges = (of: readonly PersonPair[]): number =>
  of.filter((pair) => !pair.onePerson && isMerged(pair)).length;

/** How many pairs of one person are not taken as one, in percent. */
function falseRefusals(of: readonly PersonPair[]): number {
  const ofOne = of.filter(({ onePerson }) => onePerson);
  return (100 * ofOne.filter((pair) => !isMerged(pair)).length) / ofOne.length;
}

report({
  samples: {
    pairs: [pairs.length],
    ofOne: [pairs.filter(({ onePerson }) => onePerson).length],
    wrongMerges: [wrongMerges(pairs)],
    falseRefusals: [falseRefusals(pairs)],
    heldOutPairs: [heldOut.length],
    heldOutWrongMerges: [wrongMerges(heldOut)],
    heldOutFalseRefusals: [falseRefusals(heldOut)],
    seenFalseRefusals: [falseRefusals(seen)],
  },
});
