import type { SignedAction } from "./action.js";
import { CHILDREN_ACTIONS } from "./children.js";
import { CONSENT_ACTIONS } from "./consents.js";
import { BANK_ACTIONS } from "./data-bank.js";
import { DELEGATE_ACTIONS } from "./delegates.js";
import { RECOVERY_ACTIONS } from "./recoveries.js";
import { REGISTRAR_ACTIONS } from "./registrar.js";
import { RELATIONSHIP_ACTIONS } from "./relationships.js";
import { STUDY_ACTIONS } from "./studies.js";

export { type Cast, type SignedAction } from "./action.js";
export { registerPerson, registerProvider } from "./cast.js";
export { mutations } from "./mutations.js";
export { contractCast, plainCast, signed, submit } from "./submit.js";

/** Every signed action there is. */
export const SIGNED_ACTIONS: SignedAction[] = [
  ...REGISTRAR_ACTIONS,
  ...CHILDREN_ACTIONS,
  ...RECOVERY_ACTIONS,
  ...DELEGATE_ACTIONS,
  ...RELATIONSHIP_ACTIONS,
  ...CONSENT_ACTIONS,
  ...BANK_ACTIONS,
  ...STUDY_ACTIONS,
];
