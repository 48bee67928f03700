import type { Purpose } from "../vocabulary.js";

/** What a sign-in says. */
export interface SignInText {
  /** What the gatekeeper is called: a URL without a slash at its end. */
  url: string;
  /** With its EIP-55 checksum. */
  account: string;
  /** What for. */
  purpose: Purpose;
  chainId: number;
  nonce: string;
  /** Seconds since 1970, and so is when it ends. */
  issuedAt: number;
  expires: number;
}

/**
 * The text by which somebody signs in at a gatekeeper. Source: https://eips.ethereum.org/EIPS/eip-4361
 *
 * The gatekeeper writes it and takes back exactly this text; who signs writes it, too, and signs no other one. So nobody has to
 * parse it, and no gatekeeper gets a signature that says anything else, or that is meant for another one.
 *
 * @example
 * signInText({ url, account, purpose: "TREAT", chainId: 1, nonce, issuedAt, expires });
 */
export const signInText = ({ url, account, purpose, chainId, nonce, issuedAt, expires }: SignInText): string =>
  [
    `${new URL(url).host} wants you to sign in with your Ethereum account:`,
    account,
    "",
    `Sign in to read medical records, for the purpose ${purpose}. This grants nothing, and changes nothing on the chain.`,
    "",
    `URI: ${url}`,
    "Version: 1",
    `Chain ID: ${chainId}`,
    `Nonce: ${nonce}`,
    `Issued At: ${isoTime(issuedAt)}`,
    `Expiration Time: ${isoTime(expires)}`,
    "Resources:",
    `- ${url}/fhir`,
    `- urn:chartchain:purpose:${purpose}`,
  ].join("\n");

/** What a gatekeeper chose of a text: its nonce and its times. Undefined for what is no such text. */
export function chosenIn(text: string): Pick<SignInText, "nonce" | "issuedAt" | "expires"> | undefined {
  const found = /^Nonce: ([0-9a-f]{32})\nIssued At: (\S{24})\nExpiration Time: (\S{24})$/m.exec(text);
  if (found === null) return undefined;
  const [issuedAt, expires] = [found[2]!, found[3]!].map((time) => Date.parse(time) / 1000) as [number, number];
  return Number.isSafeInteger(issuedAt) && Number.isSafeInteger(expires)
    ? { nonce: found[1]!, issuedAt, expires }
    : undefined;
}

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();
