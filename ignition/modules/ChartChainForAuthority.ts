import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Core from "./Core.js";
import DataBank from "./DataBank.js";
import { dismissDeployer, giveRoles } from "./roles.js";
import Studies from "./Studies.js";

/**
 * Everything, with another account than the deployer's as the authority; the deployer keeps nothing.
 *
 * Parameters: `authority`, the account of the licensing board; `delay`, how many seconds pass between what it announces
 * and what it does.
 */
export default buildModule("ChartChainForAuthority", (m) => {
  const contracts = { ...m.useModule(Core), ...m.useModule(DataBank), ...m.useModule(Studies) };
  const given = giveRoles(m, contracts, m.getParameter<string>("authority"));
  dismissDeployer(m, contracts.accessManager, given);
  return contracts;
});
