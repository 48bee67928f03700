import { buildModule } from "@nomicfoundation/ignition-core";

import Authority from "./Authority.js";

/** The contracts that hold identities, relationships, consent and records. None of them has an upgrade path. */
export default buildModule("Core", (m) => {
  const { authority } = m.useModule(Authority);
  const registrar = m.contract("Registrar", [authority]);
  const delegates = m.contractAt("Delegates", m.staticCall(registrar, "delegates"));
  const relationships = m.contract("PatientProviderRelationships", [registrar, delegates]);
  const consents = m.contract("Consents", [authority, registrar, relationships, delegates]);
  const records = m.contract("Records", [registrar, relationships]);
  const summary = m.contract("Summary", [registrar, relationships, consents, records]);
  const transparencyLog = m.library("TransparencyLog");

  return { authority, registrar, delegates, relationships, consents, records, summary, transparencyLog };
});
