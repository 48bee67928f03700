import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** OpenZeppelin's AccessManager, deployed as it is: it holds the authority's roles and their delays. */
export default buildModule("Authority", (m) => ({
  accessManager: m.contract("AccessManager", [m.getAccount(0)]),
}));
