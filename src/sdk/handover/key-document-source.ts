/**
 * Where key documents come from that nobody handed over in a file, such as their owners' services. Never IPFS: whoever asks
 * there for a document tells the network whom it has to do with. What it gives is held against the digest on chain, so that it
 * needn't be trusted.
 *
 * @example
 * const keyDocuments: KeyDocuments = {
 *   async get(digest) {
 *     const answer = await fetch(`https://gatekeeper.hospital.example/key-documents/${digest}`);
 *     return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
 *   },
 * };
 */
export interface KeyDocuments {
  /** The document with a digest (32 bytes in hex); undefined where it isn't there. */
  get(digest: string): Promise<Uint8Array | undefined>;
  /** Offers this participant's own. Left out where nothing but reading is possible. */
  put?(digest: string, document: Uint8Array): Promise<void>;
}
