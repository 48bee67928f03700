import fc from "fast-check";

/** One field of a file, given another value. */
export interface Mutation {
  path: string;
  file: unknown;
}

type Json = Record<string, unknown>;

/** Every way to the leaves and branches of a file. */
function pathsOf(value: unknown, before: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [before];
  const inner = Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...before, key]));
  return before.length === 0 ? inner : [before, ...inner];
}

const HEX = "0123456789abcdef";

/** Another value than the one there; `seed` says which. */
function other(value: unknown, seed: number): unknown {
  if (typeof value === "number") return [value + 1, value - 1, -value - 1, value + 0.5, String(value), null][seed % 6];
  if (typeof value === "boolean") return [!value, Number(!value), String(value), null][seed % 4];
  if (typeof value !== "string")
    return [null, "", 0, Array.isArray(value) ? [...(value as unknown[]), 0] : [], "text"][seed % 5];
  if (value.length === 0) return "text";
  const at = value.startsWith("0x") && value.length > 2 ? 2 + (seed % (value.length - 2)) : seed % value.length;
  const letter = value[at]!;
  const flipped = HEX.includes(letter.toLowerCase())
    ? HEX[(HEX.indexOf(letter.toLowerCase()) + 1 + (seed % 15)) % 16]!
    : letter === "A"
      ? "B"
      : "A";
  return [
    value.slice(0, at) + flipped + value.slice(at + 1),
    value.slice(0, at) + flipped + value.slice(at + 1),
    value.slice(0, -1),
    `${value}0`,
    "",
    7,
    null,
  ][seed % 7];
}

type Kind = "change" | "delete" | "add";

function mutate(file: object, path: string[], seed: number, how: Kind): Mutation {
  const copy = JSON.parse(JSON.stringify(file)) as Json;
  const holder = path.slice(0, -1).reduce((each, key) => each[key] as Json, copy);
  const last = path.at(-1)!;
  if (how === "change") holder[last] = other(holder[last], seed);
  else if (how === "add") holder[Array.isArray(holder) ? String(holder.length) : `${last}Extra`] = seed;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
  return { path: `${how} ${path.join(".")} (${seed})`, file: copy };
}

/**
 * Key documents travel with a file, each with a signature of its own: one that is altered or left out isn't there, as
 * actions/key-documents.test.ts shows.
 */
const isSigned = ([field]: string[]): boolean => field !== "keyDocuments";

/** Files that differ from this one in one field: changed, taken out, or put in. */
export function mutationsOf(file: object): fc.Arbitrary<Mutation> {
  const kind = fc.constantFrom<Kind>("change", "change", "change", "delete", "add");
  return fc
    .tuple(fc.constantFrom(...pathsOf(file).filter(isSigned)), fc.nat(), kind)
    .map(([path, seed, how]) => mutate(file, path, seed, how));
}

/** {@link mutationsOf}, every field in turn: each is changed and taken out, and another one put beside it. */
export const everyMutationOf = (file: object): Mutation[] =>
  pathsOf(file)
    .filter(isSigned)
    .flatMap((path, i) => [
      mutate(file, path, i, "change"),
      mutate(file, path, i + 1, "change"),
      mutate(file, path, i, "delete"),
      mutate(file, path, i, "add"),
    ]);
