import { buildModule } from "@nomicfoundation/ignition-core";

import Core from "./Core.js";

/** The Data Bank, and the token that it makes and mints. */
export default buildModule("DataBank", (m) => {
  const { authority, registrar } = m.useModule(Core);
  const dataBank = m.contract("DataBank", [authority, registrar]);
  const chartToken = m.contractAt("ChartToken", m.staticCall(dataBank, "token"));
  return { dataBank, chartToken };
});
