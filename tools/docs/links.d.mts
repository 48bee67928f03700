/** What is wrong with the links of a site that was built, and where. */
export function siteProblems(folder: string, base: string): string[];
