import { createHash, timingSafeEqual } from "node:crypto";

import type { FastifyRequest } from "fastify";

import type { Asker } from "../access/access.js";
import type { Changes, Head } from "../access/changes.js";
import type { SignIn } from "../sign-in/sign-in.js";
import { Refusal } from "./outcome.js";

/** Who asks: a participant who signed in, or the hospital's own staff through the hospital's own systems. */
export type WhoAsks =
  | { kind: "participant"; asker: Asker; person: string | undefined; /** The chain's, when it was asked. */ head: Head }
  | { kind: "staff"; person: string | undefined };

/** In which header an institution says which of its people acts. It asserts that; nobody checks it. */
export const PERSON_HEADER = "chartchain-acting-person";
const LONGEST_PERSON = 200;

/** How a request says whose it is. */
export class Authentication {
  readonly #signIn: SignIn;
  readonly #heads: Pick<Changes, "head">;
  readonly #staffSecret: Buffer | undefined;

  /**
   * @param heads tells the chain's newest block
   * @param staffSecret the secret of the hospital's own systems
   */
  constructor(signIn: SignIn, heads: Pick<Changes, "head">, staffSecret: string | undefined) {
    this.#signIn = signIn;
    this.#heads = heads;
    this.#staffSecret = staffSecret === undefined ? undefined : digest(staffSecret);
  }

  /** Whether the hospital's own systems ask. */
  isStaff(request: FastifyRequest): boolean {
    const token = tokenOf(request);
    return this.#staffSecret !== undefined && token !== undefined && timingSafeEqual(this.#staffSecret, digest(token));
  }

  /** The account that a request is signed in with; undefined for none, and for a token that is nobody's. */
  signedInAs(request: FastifyRequest): string | undefined {
    const token = tokenOf(request);
    return token === undefined ? undefined : this.#signIn.find(token)?.account;
  }

  /**
   * @throws Refusal 401 for who isn't signed in, or whose account acts no more
   * @throws CHAIN_UNREACHABLE: a participant is asked about at each request; staff isn't
   */
  async of(request: FastifyRequest): Promise<WhoAsks> {
    const token = tokenOf(request);
    if (token === undefined) throw unauthorized("Sign in first: POST /sign-in/challenge.");
    const person = personOf(request);
    // The hospital's own staff read its own records whatever the chain does.
    if (this.isStaff(request)) return { kind: "staff", person };
    const session = this.#signIn.find(token);
    if (session === undefined) throw unauthorized("The sign-in has expired, or was ended. Sign in again.");
    const { account, participant, purpose } = session;
    const head = await this.#heads.head();
    if ((await this.#signIn.participantOf(account, head)) !== participant) {
      this.#signIn.end(token);
      throw unauthorized("The account acts for this participant no more.");
    }
    return { kind: "participant", asker: { participant, purpose }, person, head };
  }
}

/** The bearer token of a request. Source: https://www.rfc-editor.org/rfc/rfc6750 */
export const tokenOf = ({ headers }: FastifyRequest): string | undefined =>
  /^Bearer ([\w~+/.-]+=*)$/i.exec(headers.authorization ?? "")?.[1];

function personOf({ headers }: FastifyRequest): string | undefined {
  const said = headers[PERSON_HEADER];
  if (said === undefined) return undefined;
  const isFit = typeof said === "string" && said.length <= LONGEST_PERSON && !/\p{Cc}/u.test(said);
  if (!isFit)
    throw new Refusal(400, "invalid", `${PERSON_HEADER} has to be one line of at most ${LONGEST_PERSON} characters.`);
  return said;
}

const unauthorized = (why: string) => new Refusal(401, "login", why);

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
