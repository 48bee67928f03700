import { noun } from "../../line/tree.js";

export default noun("who is behind an account", {
  code: ["show the code of what a provider is to attest", () => import("./code.js")],
  attest: ["attest who a patient is", () => import("./attest.js")],
  withdraw: ["take an attestation back", () => import("./withdraw.js")],
});
