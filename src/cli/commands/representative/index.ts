import { noun } from "../../line/tree.js";

export default noun("who acts for somebody by law", {
  list: ["list who acts for somebody", () => import("./list.js")],
  appoint: ["announce or appoint one", () => import("./appoint.js")],
  end: ["end what one may do", () => import("./end.js")],
});
