import { noun } from "../../line/tree.js";

export default noun("research that pays for records", {
  list: ["list studies", () => import("./list.js")],
  open: ["open a study", () => import("./open.js")],
  preferences: ["which studies you would take part in", () => import("./preferences.js")],
  join: ["join a study", () => import("./join.js")],
  withdraw: ["withdraw from a study", () => import("./withdraw.js")],
  release: ["release a study", () => import("./release.js")],
  deliver: ["deliver a participant's records", () => import("./deliver.js")],
  acknowledge: ["sign that a delivery arrived", () => import("./acknowledge.js")],
  dispute: ["dispute a delivery", () => import("./dispute.js")],
  answer: ["answer a dispute", () => import("./answer.js")],
  decide: ["decide a dispute", () => import("./decide.js")],
  settle: ["settle a study", () => import("./settle.js")],
  collect: ["collect a share", () => import("./collect.js")],
});
