export { AUTHORITY_DELAY, createChain, deployedChain } from "./chain.js";
export type { Chain } from "./chain.js";
export { deployContracts } from "./deploy.js";
export type { DeployOptions } from "./deploy.js";
export { backupOf, createDevnet } from "./devnet.js";
export type { Actor, ActorOptions, Devnet } from "./devnet.js";
export { fixture } from "./fixture.js";
export type { Restorable, Restore } from "./fixture.js";
export { keyDocumentFolder } from "./key-document-folder.js";
export { childRequest, comingOfAge, handOn, propose, relate, throughJson } from "./handover.js";
export { startNode } from "./node.js";
export type { Node, NodeOptions } from "./node.js";
export {
  asAuthority,
  COURT,
  EMERGENCY,
  keyDocumentOf,
  licenseInstitution,
  PAYER,
  PROVIDER,
  PUBLIC_HEALTH,
  registerPatient,
  RESEARCHER,
} from "./participants.js";
