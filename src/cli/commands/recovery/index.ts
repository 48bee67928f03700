import { noun } from "../../line/tree.js";

export default noun("when an account is lost", {
  guardians: ["choose who may give you another account", () => import("./guardians.js")],
  status: ["show what is open, and how far it is", () => import("./status.js")],
  start: ["a guardian: begin", () => import("./start.js")],
  approve: ["a guardian: approve what another one began", () => import("./approve.js")],
  veto: ["the person: stop it", () => import("./veto.js")],
  execute: ["the new account: take over", () => import("./execute.js")],
});
