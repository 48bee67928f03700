/**
 * Boolean functions as reduced ordered binary decision diagrams (Bryant, 1986): two functions are the same exactly when
 * their numbers are. 0 is false, 1 is true.
 */

/** More than any word here needs; a mistake in a proof may ask for more than there is memory. */
const MOST_NODES = 300_000;
const VARIABLES = 2 ** 20;

export class Diagrams {
  /** Variable, low branch and high branch of each node. @type {[number, number, number][]} */
  #nodes = [
    [VARIABLES, 0, 0],
    [VARIABLES, 1, 1],
  ];
  /** @type {Map<string, number>} */
  #unique = new Map();
  /** @type {Map<string, number>} */
  #known = new Map();
  #variables = 0;

  /** The next variable, as a function. */
  variable() {
    return this.#node(this.#variables++, 0, 1);
  }

  /** `condition ? then : otherwise`; everything else is made of it. @returns {number} */
  choose(/** @type {number} */ condition, /** @type {number} */ then, /** @type {number} */ otherwise) {
    if (condition === 1 || then === otherwise) return then;
    if (condition === 0) return otherwise;
    if (then === 1 && otherwise === 0) return condition;
    const key = `${condition},${then},${otherwise}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const top = Math.min(...[condition, then, otherwise].map((number) => this.#nodes[number][0]));
    const branch = (/** @type {number} */ number, /** @type {1 | 2} */ side) =>
      this.#nodes[number][0] === top ? this.#nodes[number][side] : number;
    const half = (/** @type {1 | 2} */ side) =>
      this.choose(branch(condition, side), branch(then, side), branch(otherwise, side));
    const result = this.#node(top, half(1), half(2));
    this.#known.set(key, result);
    return result;
  }

  not = (/** @type {number} */ a) => this.choose(a, 0, 1);
  and = (/** @type {number} */ a, /** @type {number} */ b) => this.choose(a, b, 0);
  or = (/** @type {number} */ a, /** @type {number} */ b) => this.choose(a, 1, b);
  xor = (/** @type {number} */ a, /** @type {number} */ b) => this.choose(a, this.not(b), b);

  /** @param {number} variable @param {number} low @param {number} high */
  #node(variable, low, high) {
    if (low === high) return low;
    const key = `${variable},${low},${high}`;
    const known = this.#unique.get(key);
    if (known !== undefined) return known;
    if (this.#nodes.length > MOST_NODES) throw new TooManyCases();
    this.#unique.set(key, this.#nodes.length);
    return this.#nodes.push([variable, low, high]) - 1;
  }
}

export class TooManyCases extends Error {}
