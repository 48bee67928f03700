import { noun } from "../../line/tree.js";

export default noun("encryption keys", {
  change: ["announce a fresh key", () => import("./change.js")],
  confirm: ["make sure that somebody holds a new key", () => import("./confirm.js")],
  document: ["write or take key documents", () => import("./document.js")],
});
