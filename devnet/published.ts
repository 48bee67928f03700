/** What the package exports as `chartchain/devnet`. */
export type { Actor } from "./actor.js";
export { deployContracts } from "./deploy.js";
export type { DeployFees, DeployOptions } from "./deploy-options.js";
export { backupOf, createDevnet } from "./devnet.js";
export type { ActorOptions, Devnet, DevnetOptions } from "./devnet.js";
export { fixture } from "./fixture.js";
export type { Restorable, Restore } from "./fixture.js";
export { childRequest, comingOfAge, handOn, propose, relate, throughJson } from "./handover.js";
export { keyDocumentFolder } from "../src/sdk/node/key-document-folder.js";
export { startNode } from "./node.js";
export type { Node, NodeOptions } from "./node.js";
