import { id } from "ethers";

const LICENSING = 1n;
const SUSPENDING = 2n;
const BANKING = 3n;
const REVIEWING = 4n;

/**
 * Which role each function of the authority's takes, for as long as the deployment lasts. Suspending an institution,
 * freezing its operators, ending a representative (by an institution's signature) and reviewing a break-glass are the
 * things without a delay: each of them only ends something.
 */
const FUNCTIONS: [signature: string, roleId: bigint][] = [
  ["license(uint40,bytes32,uint16,uint40)", LICENSING],
  ["confirmSuspension(uint40)", LICENSING],
  ["reinstate(uint40)", LICENSING],
  ["thawOperators(uint40)", LICENSING],
  ["suspend(uint40)", SUSPENDING],
  ["freezeOperators(uint40)", SUSPENDING],
  ["setBudget(uint40,uint32)", BANKING],
  ["strike(uint40,uint40,uint32,bytes32[])", BANKING],
  ["decideDispute(uint64,uint40,bool)", BANKING],
  ["reviewAsAuthority(uint40,uint40,uint32,uint8)", REVIEWING],
  ["appointAsAuthority(uint40,uint40,(address,uint48,bytes))", LICENSING],
  ["endAsAuthority(uint40,uint40,(address,uint48,bytes))", SUSPENDING],
];

/** {@link FUNCTIONS}, as the constructor of Authority.sol takes them. */
export const ASSIGNMENTS = FUNCTIONS.map(([signature, roleId]) => ({ selector: id(signature).slice(0, 10), roleId }));
