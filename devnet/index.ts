export * from "./published.js";

// For tests of the contracts themselves, in this repository.
export { AUTHORITY_DELAY, createChain, deployedChain } from "./chain.js";
export type { Chain } from "./chain.js";
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
