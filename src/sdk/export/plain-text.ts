/**
 * Text of others as a page or a narrative may have it: without control characters, of which XML has nearly none, without halves
 * of letters, and without those that turn the direction of what stands beside them.
 */
export const plainText = (text: string): string =>
  text.replace(
    /(?![\n\t])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/gu,
    "\uFFFD",
  );
