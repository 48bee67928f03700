interface Claim {
  property: string;
  about: string;
  by: string;
  proved: boolean;
}

/** Proves the packing of words, with other text in place of some files. */
export function proveWords(changes: Record<string, string>): Claim[];
