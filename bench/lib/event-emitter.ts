import { AbiCoder, concat, type JsonRpcProvider, type JsonRpcSigner, toBeHex } from "ethers";

/**
 * A contract that does nothing but emit: as many events as it is told, each with a number as its first indexed parameter. By
 * hand, since Solidity has no event whose topic is an argument.
 *
 * | Bytes | What |
 * |---|---|
 * | `6000 35` | how many are left |
 * | `5b 80 15 6025 57` | until none is |
 * | `80 6000 52` | its data: how many are left |
 * | `80 6040 35 02 6020 35 01` | its first parameter: first + left × step |
 * | `6060 35 6020 6000 a2` | its kind, and LOG2 |
 * | `6001 90 03 6003 56` | one less |
 */
export const EMITTING = "0x6000355b80156025578060005280604035026020350160603560206000a2600190036003565b00";

/** Copies the code that follows it, and returns it. */
const CREATION = "0x602780600b6000396000f3";

/** Events of somebody, or of many. */
export interface Emission {
  /** How many events. */
  count: number;
  /** The first indexed parameter of the last one, less `step`. */
  first: number;
  /** What it grows by from event to event; 0 for the same. */
  step: number;
  /** The event's own topic, 32 bytes in hex. */
  kind: string;
}

/** Deploys it. */
export async function deployEmitter(signer: JsonRpcSigner) {
  const sent = await signer.sendTransaction({ data: concat([CREATION, EMITTING]) });
  const receipt = (await sent.wait())!;
  const address = receipt.contractAddress!;
  const provider = signer.provider as JsonRpcProvider;
  return {
    address,
    block: receipt.blockNumber,
    /** Emits them in one transaction, in a block of its own. */
    emit: (emission: Emission) => emit(provider, signer.address, address, emission),
  };
}

/** Has what emits at an address emit, in one transaction, in a block of its own. */
export async function emit(
  provider: JsonRpcProvider,
  from: string,
  to: string,
  { count, first, step, kind }: Emission,
): Promise<void> {
  const data = AbiCoder.defaultAbiCoder().encode(
    ["uint256", "uint256", "uint256", "bytes32"],
    [count, first, step, kind],
  );
  const gasLimit = toBeHex(100_000 + count * 2_500);
  // Mined when it is answered; its receipt, with all that it emitted, isn't asked for.
  await provider.send("eth_sendTransaction", [{ from, to, data, gas: gasLimit.replace(/^0x0+/, "0x") }]);
}
