import { noun } from "../../line/tree.js";

export default noun("who may see what", {
  grant: ["let a viewer see categories of records", () => import("./grant.js")],
  revoke: ["take grants back", () => import("./revoke.js")],
  again: ["grant again what was revoked with everything", () => import("./again.js")],
  settings: ["a patient's settings", () => import("./settings.js")],
});
