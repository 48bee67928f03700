import { noun } from "../../line/tree.js";

export default noun("who may see what", {
  grant: ["let a viewer see categories of records", () => import("./grant.js")],
  list: ["list grants, made or received", () => import("./list.js")],
  explain: ["why a viewer may see something, or not", () => import("./explain.js")],
  "who-can-see": ["who may see a patient's records now", () => import("./who-can-see.js")],
  revoke: ["take a viewer's grants back", () => import("./revoke.js")],
  "revoke-all": ["take everything back from everybody", () => import("./revoke-all.js")],
  again: ["grant again what was revoked with everything", () => import("./again.js")],
  history: ["what gave access, and took it back", () => import("./history.js")],
  settings: ["a patient's settings", () => import("./settings.js")],
});
