import { code as DAG_PB } from "@ipld/dag-pb";
import { exporter } from "ipfs-unixfs-exporter";
import type { CID } from "multiformats/cid";
import { isStoreCid } from "./cid.js";
import { dagInvalid } from "./failures.js";

/** One block of a file, decoded: bytes of its own first, then those of its links. */
export interface FileNode {
  data: Uint8Array;
  links: { cid: CID; size: bigint }[];
  /** Bytes of the file from here down, as this block declares them. */
  size: bigint;
}

/**
 * Decodes one block of a UnixFS file. The block itself is all that is looked at.
 *
 * @param bytes - already hashed.
 * @throws DAG_INVALID for anything but a file whose links and sizes agree. A link that declares no bytes is refused
 *   too: no importer writes one, and a DAG of them costs a reader work without end and yields nothing.
 *
 * @see https://specs.ipfs.tech/unixfs/
 */
export async function decodeFileNode(cid: CID, bytes: Uint8Array): Promise<FileNode> {
  if (cid.code !== DAG_PB) return { data: bytes, links: [], size: BigInt(bytes.length) };

  const { node, unixfs } = await decodeUnixfs(cid, bytes);
  const sizes = unixfs.blockSizes;
  if (node.Links.length !== sizes.length) throw dagInvalid(cid.toString(), "links and sizes do not match");
  const links = node.Links.map((link, index) => ({ cid: link.Hash, size: sizes[index] ?? 0n }));
  if (links.some((link) => link.size <= 0n)) throw dagInvalid(cid.toString(), "a link declares no bytes");
  if (!links.every((link) => isStoreCid(link.cid))) throw dagInvalid(cid.toString(), "a link is of a foreign kind");

  const data = unixfs.data ?? new Uint8Array(0);
  const size = sizes.reduce((sum, each) => sum + each, BigInt(data.length));
  return { data, links, size };
}

async function decodeUnixfs(cid: CID, bytes: Uint8Array) {
  const onlyThis = {
    get: function* () {
      yield bytes;
    },
  };
  const entry = await exporter(cid, onlyThis).catch((cause: unknown) => {
    throw dagInvalid(cid.toString(), "not UnixFS", cause);
  });
  if (entry.type !== "file" || (entry.unixfs.type !== "file" && entry.unixfs.type !== "raw"))
    throw dagInvalid(cid.toString(), "not a file");
  return entry;
}
