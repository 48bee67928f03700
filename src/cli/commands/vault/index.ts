import { noun } from "../../line/tree.js";

export default noun("keys and envelopes on this machine", {
  passphrase: ["change the passphrase of wallet and vault", () => import("./passphrase.js")],
  restore: ["make the vault anew, out of a backup", () => import("./restore.js")],
  backup: ["write an encrypted backup", () => import("./backup.js")],
});
