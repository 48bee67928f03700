import { noun } from "../../line/tree.js";

export default noun("between patients and providers", {
  list: ["list them, and how each stands", () => import("./list.js")],
  propose: ["propose one to a patient", () => import("./propose.js")],
  pending: ["list the proposals that wait for an answer", () => import("./pending.js")],
  approve: ["approve a proposal, or accept an offer", () => import("./approve.js")],
  decline: ["decline a proposal", () => import("./decline.js")],
  suspend: ["let one rest", () => import("./suspend.js")],
  resume: ["let one that rests go on", () => import("./resume.js")],
  end: ["end one", () => import("./end.js")],
  block: ["refuse a provider's proposals", () => import("./block.js")],
  unblock: ["admit a provider's proposals again", () => import("./unblock.js")],
});
