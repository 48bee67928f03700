/* Generated from the contracts by tools/setup/generate-abis.mjs. Do not edit. */
export { authorityAbi } from "./authority.js";
export { chartTokenAbi } from "./chart-token.js";
export { consentsAbi } from "./consents.js";
export { dataBankAbi } from "./data-bank.js";
export { delegatesAbi } from "./delegates.js";
export { patientProviderRelationshipsAbi } from "./patient-provider-relationships.js";
export { recordsAbi } from "./records.js";
export { registrarAbi } from "./registrar.js";
export { studiesAbi } from "./studies.js";
export { summaryAbi } from "./summary.js";
export { transparencyLogAbi } from "./transparency-log.js";
