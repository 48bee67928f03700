/** Solidity's arithmetic on words whose bits are boolean functions, least significant first. */
import { Diagrams } from "./bdd.mjs";

export const WIDTH = 256;

/** @typedef {number[]} Word of {@link WIDTH} boolean functions. */

export class Words {
  bits = new Diagrams();

  /** @param {bigint} value @returns {Word} */
  constant(value) {
    return Array.from({ length: WIDTH }, (_, i) => Number((value >> BigInt(i)) & 1n));
  }

  /** The value of a word without unknown bits, or undefined. @param {Word} word */
  valueOf(word) {
    return word.every((bit) => bit <= 1)
      ? word.reduce((sum, bit, i) => sum + (BigInt(bit) << BigInt(i)), 0n)
      : undefined;
  }

  /** Unknown numbers, bits of the same rank beside each other, so that sums and comparisons stay small. @param {number[]} widths @returns {Word[]} */
  unknown(widths) {
    const words = widths.map(() => this.constant(0n));
    for (let i = 0; i < WIDTH; i++) {
      for (const [n, width] of widths.entries()) if (i < width) words[n][i] = this.bits.variable();
    }
    return words;
  }

  /** @param {Word} a @param {Word} b @param {"and" | "or" | "xor"} how @returns {Word} */
  bitwise(a, b, how) {
    return a.map((bit, i) => this.bits[how](bit, b[i]));
  }

  /** Positive to the left. @param {Word} a @param {number} places @returns {Word} */
  shifted(a, places) {
    return a.map((_, i) => a[i - places] ?? 0);
  }

  /** @param {Word} a @param {number} width @returns {Word} */
  cut(a, width) {
    return a.map((bit, i) => (i < width ? bit : 0));
  }

  /** @param {Word} a @param {Word} b @param {number} width @returns {{ word: Word, overflow: number }} */
  sum(a, b, width) {
    let carry = 0;
    const word = this.constant(0n);
    for (let i = 0; i < width; i++) {
      const half = this.bits.xor(a[i], b[i]);
      word[i] = this.bits.xor(half, carry);
      carry = this.bits.or(this.bits.and(a[i], b[i]), this.bits.and(half, carry));
    }
    return { word, overflow: carry };
  }

  /** @param {Word} a @param {Word} b @param {number} width @returns {{ word: Word, overflow: number }} */
  difference(a, b, width) {
    let borrow = 0;
    const word = this.constant(0n);
    for (let i = 0; i < width; i++) {
      const half = this.bits.xor(a[i], b[i]);
      word[i] = this.bits.xor(half, borrow);
      borrow = this.bits.or(this.bits.and(this.bits.not(a[i]), b[i]), this.bits.and(this.bits.not(half), borrow));
    }
    return { word, overflow: borrow };
  }

  /** @param {Word} a @param {Word} b @param {number} width @returns {{ word: Word, overflow: number }} */
  product(a, b, width) {
    const bitsOf = (/** @type {Word} */ word) => word.filter((bit) => bit !== 0).length;
    const [few, many] = bitsOf(a) <= bitsOf(b) ? [a, b] : [b, a];
    let word = this.constant(0n);
    let overflow = 0;
    for (const [i, bit] of few.entries()) {
      if (bit === 0) continue;
      const lost = many.slice(width - i).reduce((all, one) => this.bits.or(all, one), 0);
      const term = this.cut(this.shifted(many, i), width).map((one) => this.bits.and(one, bit));
      const next = this.sum(word, term, width);
      word = next.word;
      overflow = this.bits.or(overflow, this.bits.or(next.overflow, this.bits.and(bit, lost)));
    }
    return { word, overflow };
  }

  /** @param {Word} a @param {Word} b */
  equal(a, b) {
    return a.reduce((all, bit, i) => this.bits.and(all, this.bits.not(this.bits.xor(bit, b[i]))), 1);
  }

  /** @param {Word} a @param {Word} b */
  less(a, b) {
    return this.difference(a, b, WIDTH).overflow;
  }
}
