/** Finds or builds Kubo. A first build takes some minutes and blocks. */
export function kuboBinary(): { path: string } | { reason: string };
