import { noun } from "../../line/tree.js";

export default noun("the chains that this machine knows", {
  start: ["run a local chain with the contracts, until Ctrl-C", () => import("./start.js")],
  add: ["give a network a name, after a look at it", () => import("./add.js")],
  list: ["show the networks and which of them answer", () => import("./list.js")],
  use: ["make a network the usual one", () => import("./use.js")],
  remove: ["forget a network", () => import("./remove.js")],
  deploy: ["deploy the contracts", () => import("./deploy.js")],
  advance: ["move a local chain's clock forward", () => import("./advance.js")],
});
