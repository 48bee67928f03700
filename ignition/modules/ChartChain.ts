import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Core from "./Core.js";
import DataBank from "./DataBank.js";
import { giveRoles } from "./roles.js";
import Studies from "./Studies.js";

/**
 * Everything, with the deployer as the authority.
 *
 * Parameter: `delay`, how many seconds pass between what the authority announces and what it does.
 */
export default buildModule("ChartChain", (m) => {
  const contracts = { ...m.useModule(Core), ...m.useModule(DataBank), ...m.useModule(Studies) };
  giveRoles(m, contracts, m.getAccount(0));
  return contracts;
});
