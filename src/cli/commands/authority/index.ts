import { noun } from "../../line/tree.js";

export default noun("what the authority does", {
  license: ["license an institution", () => import("./license.js")],
  "carry-out": ["carry out an order about a representative", () => import("./carry-out.js")],
});
