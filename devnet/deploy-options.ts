/** As Ignition takes them. */
export interface DeployFees {
  maxPriorityFeePerGas?: bigint;
  maxFeePerGasLimit?: bigint;
}

/** How to deploy. */
export interface DeployOptions {
  /** How long the authority waits between announcing and doing, in seconds. */
  delay: number;
  /** The authority's account; the deployer's when left out. The deployer keeps nothing otherwise. */
  authority?: string;
  /** The tip for a unit of gas, and the most that one may cost, in wei; what the node says when left out. */
  fees?: DeployFees;
  /**
   * A folder for Ignition's journals, one for each chain. With it a deployment that was interrupted goes on where it was.
   * None when left out: for chains that end with the process.
   */
  journals?: string;
}
