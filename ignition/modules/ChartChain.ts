import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Core from "./Core.js";
import { giveRoles } from "./roles.js";
import Token from "./Token.js";

/**
 * Everything, with the deployer as the authority.
 *
 * Parameter: `delay`, how many seconds pass between what the authority announces and what it does.
 */
export default buildModule("ChartChain", (m) => {
  const contracts = { ...m.useModule(Core), ...m.useModule(Token) };
  giveRoles(m, contracts, m.getAccount(0));
  return contracts;
});
