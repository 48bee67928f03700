import { formatUnits, JsonRpcApiProvider, parseUnits, type Block, type FeeData } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import type { Context } from "../context.js";
import { translate } from "./errors.js";
import { guardProvider } from "./guarded.js";

/** What a transaction offers for one unit of gas, in wei, as EIP-1559 says it, or as it was said before. */
export type Fees = { type: 2; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint } | { type: 0; gasPrice: bigint };

/** A node, and the ceilings of a client. */
export type FeeSettings = Pick<Context, "provider" | "maxFeePerGas" | "maxPriorityFeePerGas">;

/** The most that a unit of gas may cost. */
export const priceOf = (fees: Fees): bigint => (fees.type === 2 ? fees.maxFeePerGas : fees.gasPrice);

// The base fee is burned and set by the protocol; what goes beyond it is paid on the word of one node.
const TIPS_PER_BASE_FEE = 2n;
/** A chain that was idle has next to no base fee, and its blocks are still built for a gwei. */
const LEAST_CEILING = parseUnits("5", "gwei");
/** A node that lies about the tip may lie about the base fee. */
const MOST_CEILING = parseUnits("100", "gwei");

/**
 * What a transaction should offer now, below the client's ceilings.
 *
 * Where no ceiling of the tip is set, it is twice the base fee, at least 5 gwei and at most 100. Without a base fee
 * (before EIP-1559) all of the price goes beyond it.
 *
 * @throws FEE_TOO_HIGH
 */
export async function currentFees(ctx: FeeSettings): Promise<Fees> {
  const { fees, head } = await askForFees(guardProvider(ctx.provider)).catch((error: unknown) => {
    // What it gives as a tip may be no number.
    throw translate(error);
  });
  const price = priceOf(fees);
  if (ctx.maxFeePerGas !== undefined && price > ctx.maxFeePerGas) {
    throw tooHigh(`gas costs ${price} wei now, more than the ceiling of ${ctx.maxFeePerGas}`, {
      price: String(price),
      ceiling: String(ctx.maxFeePerGas),
    });
  }
  const tip = fees.type === 2 ? fees.maxPriorityFeePerGas : price;
  const ceiling = tipCeiling(ctx, fees, head?.baseFeePerGas ?? 0n);
  if (tip > ceiling) {
    throw tooHigh(
      `the node wants a tip of ${formatUnits(tip, "gwei")} gwei, more than the ceiling of ${formatUnits(ceiling, "gwei")}`,
      { tip: String(tip), ceiling: String(ceiling) },
    );
  }
  return fees;
}

function tipCeiling(ctx: FeeSettings, fees: Fees, baseFee: bigint): bigint {
  if (ctx.maxPriorityFeePerGas !== undefined) return ctx.maxPriorityFeePerGas;
  if (fees.type === 0) return ctx.maxFeePerGas ?? MOST_CEILING;
  const relative = TIPS_PER_BASE_FEE * baseFee;
  return relative < LEAST_CEILING ? LEAST_CEILING : relative > MOST_CEILING ? MOST_CEILING : relative;
}

/** As ethers asks for it, but nothing twice, nothing that isn't needed, and nobody but the node. */
async function askForFees(provider: Context["provider"]): Promise<{ fees: Fees; head: Block | null }> {
  if (provider instanceof JsonRpcApiProvider) {
    const [head, tip] = await Promise.all([
      provider.getBlock("latest"),
      provider.send("eth_maxPriorityFeePerGas", []).then(
        (said) => BigInt(said as string),
        () => USUAL_TIP,
      ),
    ]);
    const base = head?.baseFeePerGas ?? 0n;
    if (base > 0n) {
      return { fees: { type: 2, maxFeePerGas: 2n * base + tip, maxPriorityFeePerGas: tip }, head };
    }
  }
  const [given, head] = await Promise.all([provider.getFeeData(), provider.getBlock("latest")]);
  return { fees: feesFrom(given), head };
}

/** Where a node doesn't say. */
const USUAL_TIP = parseUnits("1", "gwei");

function feesFrom({ maxFeePerGas, maxPriorityFeePerGas, gasPrice }: FeeData): Fees {
  if (maxFeePerGas !== null && maxPriorityFeePerGas !== null) return { type: 2, maxFeePerGas, maxPriorityFeePerGas };
  if (gasPrice !== null) return { type: 0, gasPrice };
  throw new ChartChainError("CHAIN_UNREACHABLE", "the node doesn't say what gas costs", {
    hint: "Try again in a moment, or use another node. Nothing was sent.",
  });
}

const tooHigh = (message: string, details: Record<string, string>): ChartChainError =>
  new ChartChainError("FEE_TOO_HIGH", message, {
    details,
    hint: "Wait until gas is cheaper; if the price is right, raise the ceiling: --max-fee, --max-tip (in gwei), or createClient's maxFeePerGas, maxPriorityFeePerGas. If it isn't, use another node.",
  });
