interface Claim {
  property: string;
  about: string;
  by: string;
  proved: boolean;
}

/** Proves what a function does to a relationship, with other text in place of some files. */
export function proveRelationship(entrance: string, changes: Record<string, string>): Claim[];

/** Functions that change something and that no proof is about. */
export function unprovedEntrances(changes: Record<string, string>): string[];
