import { noun } from "../../line/tree.js";

export default noun("the chains that this machine knows", {
  deploy: ["deploy the contracts", () => import("./deploy.js")],
  advance: ["move a local chain's clock forward", () => import("./advance.js")],
});
