import { noun } from "../../line/tree.js";

export default noun("children, until they come of age", {
  attest: ["attest that a child is in a person's care", () => import("./attest.js")],
  register: ["register a child", () => import("./register.js")],
  "come-of-age": ["give a grown child its own account", () => import("./come-of-age.js")],
});
