import { noun } from "../../line/tree.js";

export default noun("what the authority does", {
  license: ["license an institution", () => import("./license.js")],
  suspend: ["suspend an institution at once", () => import("./suspend.js")],
  confirm: ["make a suspension last", () => import("./confirm.js")],
  reinstate: ["lift a suspension", () => import("./reinstate.js")],
  freeze: ["freeze an institution's operators at once", () => import("./freeze.js")],
  thaw: ["let an institution's operators act again", () => import("./thaw.js")],
  "carry-out": ["carry out an order about a representative", () => import("./carry-out.js")],
});
