import { buildModule } from "@nomicfoundation/ignition-core";

import Core from "./Core.js";
import DataBank from "./DataBank.js";

/** Research that pays in the Data Bank's token. The authority decides disputes about deliveries, and nothing else. */
export default buildModule("Studies", (m) => {
  const { authority, registrar, consents } = m.useModule(Core);
  const { dataBank, chartToken } = m.useModule(DataBank);
  return { studies: m.contract("Studies", [authority, registrar, consents, dataBank, chartToken]) };
});
