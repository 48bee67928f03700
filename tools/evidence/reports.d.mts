/** A digest of everything that a report depends on. */
export function inputsOf(name: string): string;
