import { noun } from "../../line/tree.js";

export default noun("keys and envelopes on this machine", {
  backup: ["write an encrypted backup", () => import("./backup.js")],
});
