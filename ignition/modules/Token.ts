import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Authority from "./Authority.js";

/** The data-sharing token. */
export default buildModule("Token", (m) => {
  const { accessManager } = m.useModule(Authority);
  return { chartToken: m.contract("ChartToken", [accessManager]) };
});
