import { noun } from "../../line/tree.js";

export default noun("who acts for somebody by law", {
  appoint: ["announce, dismiss or end one", () => import("./appoint.js")],
});
