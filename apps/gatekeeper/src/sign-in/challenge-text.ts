/** What somebody signs to sign in. */
export interface ChallengeText {
  /** Host and port of the gatekeeper. */
  domain: string;
  /** With its EIP-55 checksum. */
  account: string;
  /** In words; one line. */
  statement: string;
  uri: string;
  chainId: number;
  nonce: string;
  /** Seconds since 1970. */
  issuedAt: number;
  expires: number;
  /** What it is for, as URIs. */
  resources: readonly string[];
}

/**
 * The text of a sign-in. Source: https://eips.ethereum.org/EIPS/eip-4361
 *
 * The gatekeeper writes it and takes back exactly this text, so nothing has to be parsed.
 */
export const challengeText = (text: ChallengeText): string =>
  [
    `${text.domain} wants you to sign in with your Ethereum account:`,
    text.account,
    "",
    text.statement,
    "",
    `URI: ${text.uri}`,
    "Version: 1",
    `Chain ID: ${text.chainId}`,
    `Nonce: ${text.nonce}`,
    `Issued At: ${isoTime(text.issuedAt)}`,
    `Expiration Time: ${isoTime(text.expires)}`,
    "Resources:",
    ...text.resources.map((each) => `- ${each}`),
  ].join("\n");

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();
