import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

import { type Client, type Purpose, signInText } from "chartchain";
import { ChartChainError } from "chartchain/errors";
import type { Database } from "chartchain/sqlite";
import { getAddress, hashMessage, isAddress, isHexString } from "ethers";

/** How long somebody has to sign, in seconds. */
const TO_SIGN = 10 * 60;
/** So many challenges may be open at a time. Who floods the gatekeeper with questions pushes out the oldest. */
const MOST_OPEN = 10_000;
/** Longer is no signature: a contract account's of many owners is a few thousand bytes. */
const LONGEST_SIGNATURE = 16_384;

/** Who is signed in. */
export interface Session {
  account: string;
  /** The participant that the account acts for. */
  participant: number;
  purpose: Purpose;
  /** Seconds since 1970. */
  expires: number;
}

/** What a client signs, and hands back with the signature. */
export interface Challenge {
  message: string;
  /** Known to the client that asked alone: a signature that somebody else catches is of no use without it. */
  secret: string;
  expires: number;
}

/** Tells the chain's newest block. */
export interface Heads {
  head(): Promise<{ hash: string }>;
}

/** How sign-ins are made. */
export interface SignInOptions {
  publicUrl: string;
  purposes: readonly Purpose[];
  /** How long one lasts, in seconds. */
  lifetime: number;
  /** Seconds since 1970. */
  clock: () => number;
}

/**
 * Signs in who controls an account of a participant (EIP-4361). The nonce is the gatekeeper's, of one use, and bound to the client
 * that asked for it, to the account, to the gatekeeper and to the purpose.
 */
export class SignIn {
  readonly #database: Database;
  readonly #client: Client;
  readonly #heads: Heads;
  readonly #options: SignInOptions;
  /** For whom accounts act, at the newest block that was asked about. */
  #acting: { hash: string; participants: Map<string, Promise<number>> } = { hash: "", participants: new Map() };

  constructor(database: Database, client: Client, heads: Heads, options: SignInOptions) {
    this.#database = database;
    this.#client = client;
    this.#heads = heads;
    this.#options = options;
  }

  /**
   * What to sign.
   *
   * @throws SIGN_IN_MALFORMED for no address, or a purpose that this gatekeeper doesn't serve
   */
  challenge({ account, purpose }: { account: unknown; purpose: unknown }): Challenge {
    const { publicUrl, purposes, clock } = this.#options;
    if (typeof account !== "string" || !isAddress(account)) throw malformed("account isn't the address of an account");
    const asked = purposes.find((each) => each === purpose);
    if (asked === undefined) throw malformed(`purpose isn't one of ${purposes.join(", ")}`);
    const now = clock();
    const nonce = randomBytes(16).toString("hex");
    const secret = randomBytes(32);
    const expires = now + TO_SIGN;
    const message = signInText({
      url: publicUrl,
      account: getAddress(account),
      purpose: asked,
      chainId: this.#client.deployment.chainId,
      ...{ nonce, issuedAt: now, expires },
    });
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM challenges WHERE expires <= ?", now);
      this.#database.run(
        "DELETE FROM challenges WHERE nonce IN (SELECT nonce FROM challenges ORDER BY expires DESC LIMIT -1 OFFSET ?)",
        MOST_OPEN - 1,
      );
      this.#database.run(
        "INSERT INTO challenges VALUES (?, ?, ?, ?, ?, ?)",
        ...[nonce, hashOf(secret), getAddress(account), asked, message, expires],
      );
    });
    return { message, secret: secret.toString("base64url"), expires };
  }

  /**
   * Signs in with what {@link challenge} gave, signed by the account's key, or by the contract that the account is (ERC-1271).
   * Whatever comes of it, the challenge is used up.
   *
   * @returns the token, which is kept nowhere but by the client
   * @throws SIGN_IN_MALFORMED, SIGN_IN_REFUSED; CHAIN_UNREACHABLE, NODES_…
   */
  async complete(given: {
    message: unknown;
    secret: unknown;
    signature: unknown;
  }): Promise<Session & { token: string; lifetime: number }> {
    const { message, secret, signature } = given;
    if (typeof message !== "string" || typeof secret !== "string")
      throw malformed("message and secret have to be texts");
    if (!isHexString(signature) || signature.length > LONGEST_SIGNATURE)
      throw malformed("signature has to be hex digits");
    const nonce = /^Nonce: ([0-9a-f]{32})$/m.exec(message)?.[1] ?? "";
    const challenge = this.#take(nonce);
    const isTheirs =
      challenge !== undefined &&
      this.#options.clock() < challenge.expires &&
      challenge.message === message &&
      timingSafeEqual(challenge.secret, hashOf(Buffer.from(secret, "base64url")));
    if (!isTheirs) throw refused("the challenge isn't open: it was used, has expired, or isn't this gatekeeper's");
    const { account } = challenge;
    if (!(await this.#client.isSigned({ account, digest: hashMessage(message), signature }))) {
      throw refused(
        "the account didn't sign this message, or a contract account's signature can't be believed of one node",
      );
    }
    const participant = await this.participantOf(account, await this.#heads.head());
    if (participant === 0) throw refused("the account acts for no participant");
    const token = randomBytes(32);
    const { clock, lifetime } = this.#options;
    const session = { account, participant, purpose: challenge.purpose as Purpose, expires: clock() + lifetime };
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM sessions WHERE expires <= ?", clock());
      this.#database.run(
        "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)",
        ...[hashOf(token), account, participant, session.purpose, session.expires],
      );
    });
    return { ...session, lifetime, token: token.toString("base64url") };
  }

  /** Who a token is of; undefined for none, and for one that has expired. Whether the account still acts is asked apart. */
  find(token: string): Session | undefined {
    const session = this.#database.get<Session>(
      "SELECT account, participant, purpose, expires FROM sessions WHERE token = ?",
      hashOf(Buffer.from(token, "base64url")),
    );
    return session !== undefined && this.#options.clock() < session.expires ? { ...session } : undefined;
  }

  /** Ends a sign-in. */
  end(token: string): void {
    this.#database.run("DELETE FROM sessions WHERE token = ?", hashOf(Buffer.from(token, "base64url")));
  }

  /** The participant that an account acts for by the chain's head, at which it is asked once; 0 for none. */
  async participantOf(account: string, { hash }: { hash: string }): Promise<number> {
    if (this.#acting.hash !== hash) this.#acting = { hash, participants: new Map() };
    const { participants } = this.#acting;
    let found = participants.get(account);
    if (found === undefined) {
      found = this.#client.contracts.Registrar.participantOf(account).then(Number);
      participants.set(account, found);
      found.catch(() => participants.delete(account));
    }
    return found;
  }

  #take(nonce: string) {
    return this.#database.transaction(() => {
      const found = this.#database.get<{
        secret: Uint8Array;
        account: string;
        purpose: string;
        message: string;
        expires: number;
      }>("SELECT secret, account, purpose, message, expires FROM challenges WHERE nonce = ?", nonce);
      this.#database.run("DELETE FROM challenges WHERE nonce = ?", nonce);
      return found;
    });
  }
}

const hashOf = (secret: Uint8Array): Buffer => createHash("sha256").update(secret).digest();

const malformed = (why: string) =>
  new ChartChainError("SIGN_IN_MALFORMED", `this is no sign-in: ${why}`, {
    details: { why },
    hint: "See /openapi.json for what is expected.",
  });

const refused = (why: string) =>
  new ChartChainError("SIGN_IN_REFUSED", `the sign-in is refused: ${why}`, {
    details: { why },
    hint: "Ask for a new challenge, and sign exactly its message with the account.",
  });
