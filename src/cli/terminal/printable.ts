/**
 * Text from a chain, a file or a record as a terminal may be given it: without control and formatting characters, which
 * could move the cursor, recolour what stands before, or turn the direction of reading.
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
