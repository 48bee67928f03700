import { noun } from "../../line/tree.js";

export default noun("who acts in a patient's place", {
  list: ["list them, and what each may do", () => import("./list.js")],
  appoint: ["appoint a delegate", () => import("./appoint.js")],
  dismiss: ["end a delegate's powers", () => import("./dismiss.js")],
  resign: ["act no more in somebody's place", () => import("./resign.js")],
});
