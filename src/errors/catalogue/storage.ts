import type { Explanations } from "./explanation.js";

export const STORAGE = {
  BLOCK_CORRUPT: {
    why: "The bytes of a block don't hash to its CID.",
    fix: "Put or import the content again; then check the disk or the node it came from.",
  },
  BLOCK_MISSING: {
    why: "A block isn't held here, and no peer offered it in time.",
    fix: "Fetch the record from its steward, or import it from a CAR.",
  },
  BLOCK_TOO_LARGE: {
    why: "A block or file is over the size that is allowed.",
    fix: "Raise `maxBytes` if content of this size is expected; the limit of a single block is fixed.",
  },
  CAR_INVALID: {
    why: "The stream is no CARv1 that can be imported, or has more than a thousand blocks of less than 64 KiB on average, which take far more room than they hold. Nothing of it was stored.",
    fix: "Export it again as CARv1; of many small files, several CARs.",
  },
  DAG_INVALID: {
    why: "A block isn't part of a well-formed file, or contradicts its parent.",
    fix: "Refuse the content: nothing here writes this.",
  },
  DAG_TOO_DEEP: {
    why: "A block lies more layers below its root than allowed.",
    fix: "Refuse the content, or raise `maxDepth` if its author is trusted.",
  },
  GATEWAY_URL_INVALID: {
    why: "The address of an IPFS gateway isn't http or https, or has a query or a password.",
    fix: "Give what stands before `/ipfs/`, such as `https://gateway.example`.",
  },
  INVALID_CID: {
    why: "The text is no CIDv1 in base32 with sha2-256 and codec raw or dag-pb.",
    fix: "Pass a CID as `put` and `putBlock` return it.",
  },
  INVALID_PARTICIPANT: {
    why: "A store was opened under a label that isn't 1 to 64 bytes long.",
    fix: "Use the participant's id or a short name.",
  },
  INVALID_RANGE: {
    why: "Offset or length isn't a whole number of bytes within the file.",
    fix: "Pass numbers from 0, the offset no greater than the file's size.",
  },
  STORE_BUSY: {
    why: "A writer waited too long for a collection, or a collection for writers.",
    fix: "Run it again when the long one has ended.",
  },
  STORE_CLOSED: {
    why: "The store was closed before this use.",
    fix: "Close it after the last call, or open a new one.",
  },
  STORE_FAILED: {
    why: "The disk, the browser, the IPFS node or the gateway refused, or a gateway sends elsewhere. `cause` says how.",
    fix: "Check permissions, paths and the node.",
  },
  STORE_FULL: {
    why: "There is no room on the disk or in its quota. Nothing was half-stored.",
    fix: "Free space; unpin what isn't needed and collect.",
  },
  STORE_NEEDS_BROWSER: {
    why: "A browser's store was opened where there is no IndexedDB or no Web Locks: under Node, or in a page that came over plain http.",
    fix: "Open it in a page that came over https or from localhost, or in a worker of one. Under Node use `createEmbeddedStore`.",
  },
  STORE_READ_ONLY: {
    why: "Something was to be kept in a store that is a gateway, which only gives out blocks.",
    fix: "Put it into a store of your own: a folder, a browser's, or a Kubo node.",
  },
  STORE_UNREACHABLE: {
    why: "The IPFS node or gateway doesn't answer.",
    fix: "Check that it runs and that its address is right, or read from another source.",
  },
} satisfies Explanations;
