import { noun } from "../../line/tree.js";

export default noun("medical records", {
  add: ["add records to a patient's chart", () => import("./add.js")],
  import: ["import records of many patients", () => import("./import.js")],
  take: ["take in what was handed over", () => import("./take.js")],
  sync: ["fetch what gatekeepers have for you", () => import("./sync.js")],
  list: ["list the records of this vault", () => import("./list.js")],
  show: ["show what is known of one record", () => import("./show.js")],
  open: ["open a record", () => import("./open.js")],
  export: ["export all that can be opened", () => import("./export.js")],
  verify: ["prove a patient's history complete", () => import("./verify.js")],
  amend: ["add a record that takes another one's place", () => import("./amend.js")],
  dispute: ["add a record that contradicts another one", () => import("./dispute.js")],
  retract: ["mark a record as entered in error", () => import("./retract.js")],
  shred: ["erase a record from this vault", () => import("./shred.js")],
  anchor: ["anchor what waits", () => import("./anchor.js")],
  "anchor-dummies": ["anchor dummies for a child", () => import("./anchor-dummies.js")],
});
