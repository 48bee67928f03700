import { noun } from "../../line/tree.js";

export default noun("deposits and interest", {
  open: ["open an account with the Data Bank", () => import("./open.js")],
  claim: ["claim interest of deposits", () => import("./claim.js")],
  withdraw: ["withdraw vested interest", () => import("./withdraw.js")],
  "confirm-season": ["confirm the deposits of a season", () => import("./confirm-season.js")],
  "state-deposit": ["state one record as a deposit", () => import("./state-deposit.js")],
  bond: ["a steward's bond", () => import("./bond.js")],
  budget: ["how many deposits a steward may confirm", () => import("./budget.js")],
});
