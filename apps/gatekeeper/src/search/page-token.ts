import { createHmac, timingSafeEqual } from "node:crypto";
import { Refused } from "../store/refused.js";

/** Where a page begins: behind the row with these sort keys and this name. */
export interface Position {
  keys: (string | number | null)[];
  id: string;
}

/**
 * Tokens that say where the next page begins. One counts only for the request and the visible scope that it was given for.
 *
 * @param key at least 32 random bytes, the same after a restart
 */
export class PageTokens {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    if (key.length < 32) throw new RangeError("the key of page tokens has at least 32 bytes");
    this.#key = key;
  }

  /** @param context what the token is bound to */
  write(position: Position, context: string): string {
    const text = Buffer.from(JSON.stringify([position.keys, position.id])).toString("base64url");
    return `${text}.${this.#seal(text, context)}`;
  }

  /** @throws Refused `invalid` for a token of another request, another scope or nobody's */
  read(token: string, context: string): Position {
    const [text = "", seal = "", more] = token.split(".");
    const right = Buffer.from(this.#seal(text, context));
    const given = Buffer.from(seal);
    if (more !== undefined || right.length !== given.length || !timingSafeEqual(right, given)) {
      throw new Refused(
        "invalid",
        "page",
        "The page isn't one of this search, or what may be seen has changed: search anew.",
      );
    }
    const [keys, id] = JSON.parse(Buffer.from(text, "base64url").toString()) as [Position["keys"], string];
    return { keys, id };
  }

  #seal(text: string, context: string): string {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([context, text]))
      .digest("base64url");
  }
}
