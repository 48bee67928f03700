/** Packs the library, once for what its files are now; where the tarball is. */
export function packed(): Promise<string>;
