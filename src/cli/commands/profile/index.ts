import { noun } from "../../line/tree.js";

export default noun("who acts on this machine, made by init", {
  list: ["show the profiles", () => import("./list.js")],
  use: ["make a profile the usual one", () => import("./use.js")],
  remove: ["forget a profile; its home folder stays", () => import("./remove.js")],
});
