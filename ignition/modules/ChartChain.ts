import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { id } from "ethers";

import Core from "./Core.js";
import Token from "./Token.js";

const ADMIN = 0n;
const LICENSING = 1n;
const SUSPENDING = 2n;
const MINTING = 3n;

const selector = (signature: string) => id(signature).slice(0, 10);

/**
 * Everything, with the authority in place.
 *
 * Parameters: `authority`, the account of the licensing board (default: the deployer); `delay`, how many seconds pass
 * between what it announces and what it does (default: two days). Suspending is the one thing without delay.
 */
export default buildModule("ChartChain", (m) => {
  const core = m.useModule(Core);
  const token = m.useModule(Token);
  const authority = m.getParameter("authority", m.getAccount(0));
  const delay = m.getParameter("delay", 2 * 24 * 60 * 60);
  const { accessManager, registrar } = core;

  const roles = [
    m.call(
      accessManager,
      "setTargetFunctionRole",
      [
        registrar,
        [
          selector("license(uint40,bytes32,uint16,uint40)"),
          selector("confirmSuspension(uint40)"),
          selector("reinstate(uint40)"),
        ],
        LICENSING,
      ],
      { id: "licensing" },
    ),
    m.call(accessManager, "setTargetFunctionRole", [registrar, [selector("suspend(uint40)")], SUSPENDING], {
      id: "suspending",
    }),
    m.call(accessManager, "setTargetFunctionRole", [token.chartToken, [selector("mint(address,uint256)")], MINTING], {
      id: "minting",
    }),
    m.call(accessManager, "grantRole", [LICENSING, authority, delay], { id: "grantLicensing" }),
    m.call(accessManager, "grantRole", [SUSPENDING, authority, 0], { id: "grantSuspending" }),
    m.call(accessManager, "grantRole", [MINTING, authority, delay], { id: "grantMinting" }),
  ];
  // Last, because from here on the administrator waits as well: the roles above can't be changed without notice.
  m.call(accessManager, "grantRole", [ADMIN, authority, delay], { id: "grantAdmin", after: roles });

  return { ...core, ...token };
});
