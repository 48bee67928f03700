/** JSON for programs: a bigint becomes a number where that is exact, else a decimal string. */
export const toJson = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, inner: unknown) => {
      if (typeof inner !== "bigint") return inner;
      return Number.isSafeInteger(Number(inner)) ? Number(inner) : String(inner);
    },
    2,
  );
