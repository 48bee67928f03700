import { noun } from "../../line/tree.js";

export default noun("register, and the accounts that act for you", {
  "register-patient": ["register as a patient", () => import("./register-patient.js")],
  "register-provider": ["register an institution", () => import("./register-provider.js")],
  list: ["show who acts or acted for a participant", () => import("./list.js")],
  add: ["add an account to a participant", () => import("./add.js")],
  new: ["make a home for another account of yours", () => import("./new.js")],
  retire: ["retire an account", () => import("./retire.js")],
  "cancel-signatures": ["cancel what was signed and not used", () => import("./cancel-signatures.js")],
});
