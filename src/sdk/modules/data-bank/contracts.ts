import type { ChartToken } from "../../../../typechain-types/contracts/modules/data-bank/ChartToken.js";
import type { DataBank } from "../../../../typechain-types/contracts/modules/data-bank/DataBank.js";
import { chartTokenAbi, dataBankAbi } from "../../../abi/index.js";
import { contractKind } from "../../chain/contracts.js";
import type { ModuleContext } from "../../module.js";

export const contracts = {
  ChartToken: contractKind<ChartToken>(chartTokenAbi),
  DataBank: contractKind<DataBank>(dataBankAbi),
};

export type BankContext = ModuleContext<typeof contracts>;
