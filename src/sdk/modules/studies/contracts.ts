import type { ChartToken } from "../../../../typechain-types/contracts/modules/data-bank/ChartToken.js";
import type { Studies } from "../../../../typechain-types/contracts/modules/studies/Studies.js";
import { chartTokenAbi, studiesAbi } from "../../../abi/index.js";
import { contractKind } from "../../chain/contracts.js";
import type { ModuleContext } from "../../module.js";

/** By this name deliveries say what they are for. */
export const MODULE = "studies";

export const contracts = {
  // Who opens a study pays in it.
  ChartToken: contractKind<ChartToken>(chartTokenAbi),
  Studies: contractKind<Studies>(studiesAbi),
};

export type StudiesContext = ModuleContext<typeof contracts>;
