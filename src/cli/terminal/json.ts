/** JSON for programs: a bigint becomes a number where that is exact, else a decimal string. */
export const toJson = (value: unknown): string => JSON.stringify(value, plain, 2);

/** {@link toJson} on one line, for a stream of documents. */
export const toJsonLine = (value: unknown): string => JSON.stringify(value, plain);

function plain(_: string, inner: unknown): unknown {
  if (typeof inner !== "bigint") return inner;
  return Number.isSafeInteger(Number(inner)) ? Number(inner) : String(inner);
}
