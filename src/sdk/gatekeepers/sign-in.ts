import { getAddress } from "ethers";

import { requireSigner, type Context } from "../context.js";
import type { Purpose } from "../vocabulary.js";
import { askJson, gatekeeperAt, wrongAnswer } from "./ask.js";
import { chosenIn, signInText } from "./sign-in-text.js";

/** A sign-in at a gatekeeper. */
export interface SignedIn {
  gatekeeper: string;
  /** The bearer token to ask with, until then, in seconds since 1970. */
  token: string;
  expires: number;
}

/** No sign-in lasts longer, in seconds, and so long ahead may a gatekeeper's clock be. */
const LONGEST = 3_600;
const AHEAD = 300;

/**
 * Signs in at a gatekeeper with the client's account (EIP-4361). It signs one text alone: that of this gatekeeper, account,
 * chain and purpose, which grants nothing.
 *
 * @throws GATEKEEPER_URL_INVALID, GATEKEEPER_UNREACHABLE, GATEKEEPER_REFUSED; GATEKEEPER_MALFORMED where it wants anything else signed;
 *   SIGNER_MISSING, SIGNING_REFUSED
 *
 * @example
 * const { token } = await client.signInAt({ gatekeeper: "https://gatekeeper.example", purpose: "TREAT" });
 */
export async function signInAt(
  ctx: Context,
  { gatekeeper: given, purpose }: { gatekeeper: string; purpose: Purpose },
): Promise<SignedIn> {
  const gatekeeper = gatekeeperAt(given);
  const signer = requireSigner(ctx);
  const account = getAddress(await signer.getAddress());
  const challenge = await askJson(gatekeeper, "/sign-in/challenge", { method: "POST", body: { account, purpose } });
  const { message, secret } = challenge;
  const chosen = typeof message === "string" ? chosenIn(message) : undefined;
  const now = ctx.clock();
  const isInTime = chosen !== undefined && chosen.issuedAt <= now + AHEAD && chosen.expires <= now + LONGEST;
  const text =
    chosen === undefined
      ? undefined
      : signInText({ url: gatekeeper, account, purpose, chainId: ctx.deployment.chainId, ...chosen });
  if (message !== text || !isInTime || typeof secret !== "string") {
    throw wrongAnswer(gatekeeper, "it wants something else signed than a sign-in at this address");
  }
  const signature = await signer.signMessage(text!);
  const body = { message, secret, signature };
  const { access_token: token, expires_in: lasts } = await askJson(gatekeeper, "/sign-in", { method: "POST", body });
  if (typeof token !== "string" || typeof lasts !== "number") throw wrongAnswer(gatekeeper, "there is no token in it");
  return { gatekeeper, token, expires: now + lasts };
}
