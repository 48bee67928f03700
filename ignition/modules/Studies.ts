import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Core from "./Core.js";
import DataBank from "./DataBank.js";

/** Research that pays in the Data Bank's token. Nobody has a role in it. */
export default buildModule("Studies", (m) => {
  const { registrar, consents } = m.useModule(Core);
  const { dataBank, chartToken } = m.useModule(DataBank);
  return { studies: m.contract("Studies", [registrar, consents, dataBank, chartToken]) };
});
