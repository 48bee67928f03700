import { keyDocumentFolder } from "../../sdk/node/key-document-folder.js";
import type { ClientOptions } from "../../sdk/index.js";
import type { ACTOR_FLAGS, AUTHORITY_FLAGS } from "../line/common-flags.js";
import type { Values } from "../line/flags.js";
import { besideDeployment, type Chain } from "./chain.js";

/** The authority has no flags for what it doesn't use. */
export type SessionFlags = Values<typeof AUTHORITY_FLAGS> & Partial<Values<typeof ACTOR_FLAGS>>;

type Settings = Pick<
  ClientOptions,
  "otherNodes" | "agreement" | "keyDocuments" | "finality" | "maxFeePerGas" | "maxPriorityFeePerGas"
>;

/** What the flags that every actor has say to a client. */
export function clientSettings(flags: SessionFlags, chain: Chain): Settings {
  const settings = {
    agreement: flags.agreement,
    finality: flags.finality,
    maxFeePerGas: flags["max-fee"],
    maxPriorityFeePerGas: flags["max-tip"],
  };
  return {
    otherNodes: flags["other-node"],
    keyDocuments: keyDocumentFolder(flags["key-documents"] ?? besideDeployment(chain, "key-documents")),
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
  };
}
