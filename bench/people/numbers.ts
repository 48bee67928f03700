/**
 * Numbers with right check digits, made here apart from the code that checks them: a mistake in one shows in the other.
 */

/** A source of numbers that are the same every time. @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function random(seed: number): { below: (limit: number) => number; digits: (count: number) => string } {
  let state = BigInt(seed);
  const below = (limit: number): number => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(limit));
  };
  return { below, digits: (count) => Array.from({ length: count }, () => String(below(10))).join("") };
}

export type Random = ReturnType<typeof random>;

/** A system whose numbers belong to one person, and how to make one. */
export interface PersonNumber {
  system: string;
  make: (from: Random) => string;
}

const tryUntil = (make: () => string | undefined): string => {
  for (;;) {
    const made = make();
    if (made !== undefined) return made;
  }
};

const weighted = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0);

/** Doubles every second digit from the right, the check digit not counted. */
function luhnDigit(digits: string): number {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = at % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

const two = (value: number): string => String(value).padStart(2, "0");

export const PERSON_NUMBERS: readonly PersonNumber[] = [
  {
    system: "https://fhir.nhs.uk/Id/nhs-number",
    make: (from) =>
      tryUntil(() => {
        const digits = from.digits(9);
        const check = 11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
        return check === 10 ? undefined : `${digits}${check % 11}`;
      }),
  },
  {
    system: "http://ns.electronichealth.net.au/id/hi/ihi/1.0",
    make: (from) => {
      const digits = `800360${from.digits(9)}`;
      return `${digits}${luhnDigit(digits)}`;
    },
  },
  {
    system: "http://fhir.nl/fhir/NamingSystem/bsn",
    make: (from) =>
      tryUntil(() => {
        const digits = `${1 + from.below(9)}${from.digits(7)}`;
        const check = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        return check === 10 ? undefined : `${digits}${check}`;
      }),
  },
  {
    system: "http://fhir.de/sid/gkv/kvid-10",
    make: (from) => {
      const letter = from.below(26);
      const digits = from.digits(8);
      const sum = [...`${two(letter + 1)}${digits}`].reduce((total, digit, at) => {
        const product = Number(digit) * (1 + (at % 2));
        return total + (product > 9 ? product - 9 : product);
      }, 0);
      return `${String.fromCharCode(65 + letter)}${digits}${sum % 10}`;
    },
  },
  {
    system: "http://hl7.org/fhir/sid/us-ssn",
    make: (from) => `${100 + from.below(500)}${two(1 + from.below(98))}${1000 + from.below(8999)}`,
  },
  {
    system: "urn:oid:2.16.578.1.12.4.1.4.1",
    make: (from) =>
      tryUntil(() => {
        const digits = `${two(1 + from.below(28))}${two(1 + from.below(12))}${two(from.below(100))}${from.digits(3)}`;
        const first = (11 - (weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
        const second = (11 - (weighted(`${digits}${first}`, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
        return first === 10 || second === 10 ? undefined : `${digits}${first}${second}`;
      }),
  },
];

/** Another last digit than the right one. */
export const withWrongCheckDigit = (value: string): string =>
  `${value.slice(0, -1)}${(Number(value.slice(-1)) + 3) % 10}`;
