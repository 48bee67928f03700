/** Serves a site that was built to this machine alone. */
export function serveSite(
  folder: string,
  options?: { base?: string; port?: number },
): Promise<{ url: string; close(): void }>;
