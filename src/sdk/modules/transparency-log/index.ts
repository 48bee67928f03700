import type { TransparencyLog } from "../../../../typechain-types/contracts/modules/transparency-log/TransparencyLog.js";
import { transparencyLogAbi } from "../../../abi/index.js";
import { contractKind } from "../../chain/contracts.js";
import { defineModule } from "../../module.js";

/** RFC 9162 proofs on chain, for modules that need them: a contract alone. */
export const transparencyLog = defineModule({
  name: "transparency-log",
  contracts: { TransparencyLog: contractKind<TransparencyLog>(transparencyLogAbi) },
});
