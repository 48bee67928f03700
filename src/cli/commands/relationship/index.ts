import { noun } from "../../line/tree.js";

export default noun("between patients and providers", {
  propose: ["propose one to a patient", () => import("./propose.js")],
  pending: ["list the proposals that wait for an answer", () => import("./pending.js")],
  approve: ["approve or decline a proposal", () => import("./approve.js")],
});
