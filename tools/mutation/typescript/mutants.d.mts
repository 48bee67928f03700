interface Mutant {
  operator: string;
  was: string;
  becomes: string;
}

/** Text by path; with every mutant in it, and the mutants. */
export function instrument(
  sources: Record<string, string>,
): Promise<{ files: Record<string, string>; mutants: Mutant[] }>;

/** The file with this mutant alone. */
export function mutated(mutant: Mutant, text: string): string;
