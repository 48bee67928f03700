import { noun } from "../../line/tree.js";

export default noun("act in a patient's place", {
  appoint: ["appoint a delegate, or list them", () => import("./appoint.js")],
});
