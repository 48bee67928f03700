import { noun } from "../../line/tree.js";

export default noun("when an account is lost", {
  guardians: ["choose who may give you another account", () => import("./guardians.js")],
  account: ["give a person another account", () => import("./account.js")],
});
