import { buildModule } from "@nomicfoundation/ignition-core";

import Core from "./Core.js";
import DataBank from "./DataBank.js";
import Studies from "./Studies.js";

/** Everything. Its parameters are the Authority's: `{ Authority: { account, delay } }`. */
export default buildModule("ChartChain", (m) => ({
  ...m.useModule(Core),
  ...m.useModule(DataBank),
  ...m.useModule(Studies),
}));
