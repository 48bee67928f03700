import type {
  CallableContractFuture,
  IgnitionModuleBuilder,
  ModuleParameterRuntimeValue,
  AccountRuntimeValue,
} from "@nomicfoundation/ignition-core";
import { id } from "ethers";

const ADMIN = 0n;
const LICENSING = 1n;
const SUSPENDING = 2n;
const BANKING = 3n;
const REVIEWING = 4n;

/** How long the authority waits between announcing and doing, unless a deployment says otherwise: two days, in seconds. */
const DEFAULT_DELAY = 2 * 24 * 60 * 60;

const selector = (signature: string): string => id(signature).slice(0, 10);

/**
 * Gives an account the authority's roles, each with the deployment's `delay`; suspending an institution and reviewing a
 * break-glass are the two things without: each of them only ends something.
 *
 * @returns the last step: from then on the account waits also as the administrator
 */
export function giveRoles(
  m: IgnitionModuleBuilder,
  {
    accessManager,
    registrar,
    consents,
    dataBank,
  }: Record<"accessManager" | "registrar" | "consents" | "dataBank", CallableContractFuture<string>>,
  authority: AccountRuntimeValue | ModuleParameterRuntimeValue<string>,
) {
  const delay = m.getParameter("delay", DEFAULT_DELAY);
  const licensing = [
    selector("license(uint40,bytes32,uint16,uint40)"),
    selector("confirmSuspension(uint40)"),
    selector("reinstate(uint40)"),
  ];
  const banking = [selector("setBudget(uint40,uint32)"), selector("strike(uint40,uint40,uint32,bytes32[])")];
  const roles = [
    m.call(accessManager, "setTargetFunctionRole", [registrar, licensing, LICENSING], { id: "licensing" }),
    m.call(accessManager, "setTargetFunctionRole", [registrar, [selector("suspend(uint40)")], SUSPENDING], {
      id: "suspending",
    }),
    m.call(accessManager, "setTargetFunctionRole", [dataBank, banking, BANKING], { id: "banking" }),
    m.call(
      accessManager,
      "setTargetFunctionRole",
      [consents, [selector("reviewAsAuthority(uint40,uint40,uint32,uint8)")], REVIEWING],
      { id: "reviewing" },
    ),
    m.call(accessManager, "grantRole", [LICENSING, authority, delay], { id: "grantLicensing" }),
    m.call(accessManager, "grantRole", [SUSPENDING, authority, 0], { id: "grantSuspending" }),
    m.call(accessManager, "grantRole", [REVIEWING, authority, 0], { id: "grantReviewing" }),
    m.call(accessManager, "grantRole", [BANKING, authority, delay], { id: "grantBanking" }),
  ];
  return m.call(accessManager, "grantRole", [ADMIN, authority, delay], { id: "grantAdmin", after: roles });
}

/** Takes the administrator's role from the deployer, who had it without a delay. */
export function dismissDeployer(
  m: IgnitionModuleBuilder,
  accessManager: CallableContractFuture<string>,
  after: ReturnType<typeof giveRoles>,
) {
  m.call(accessManager, "renounceRole", [ADMIN, m.getAccount(0)], { id: "dismissDeployer", after: [after] });
}
