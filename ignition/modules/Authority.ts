import { buildModule } from "@nomicfoundation/ignition-core";

import { ASSIGNMENTS } from "./roles.js";

/** How long the authority waits between announcing and doing, unless a deployment says otherwise: two days, in seconds. */
const DEFAULT_DELAY = 2 * 24 * 60 * 60;

/**
 * Holds the authority's roles and their delays. Whoever deploys it gets none.
 *
 * Parameters: `account`, the licensing board's; `delay`, how many seconds pass at least between what anybody with a role
 * announces and does.
 */
export default buildModule("Authority", (m) => ({
  authority: m.contract("Authority", [
    m.getParameter<string>("account"),
    m.getParameter("delay", DEFAULT_DELAY),
    ASSIGNMENTS,
  ]),
}));
