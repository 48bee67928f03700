import type { TypedDataDomain, TypedDataField } from "ethers";

import { CATEGORIES, categoriesOf } from "../vocabulary.js";
import { addressOf } from "./deployment.js";
import type { Deployment } from "./deployment.js";

type Texts = Readonly<Record<string, string>>;

/** A field's value, as files hold it: an amount of tokens is too large for a number. */
type ValueOf<Type extends string, Structs extends Texts> = Type extends `${infer Element}[]`
  ? readonly ValueOf<Element, Structs>[]
  : Type extends "bool"
    ? boolean
    : Type extends "uint96" | "uint256"
      ? string
      : Type extends `uint${string}`
        ? number
        : Type extends "Categories"
          ? Record<string, boolean>
          : Type extends keyof Structs
            ? MessageOf<Structs[Type], Structs>
            : string;

/** A message by its fields: `uint40 patient, string purpose` has a number `patient` and a text `purpose`. */
export type MessageOf<
  Fields extends string,
  Structs extends Texts = Record<never, never>,
> = Fields extends `${infer First}, ${infer Others}`
  ? MessageOf<First, Structs> & MessageOf<Others, Structs>
  : Fields extends `${infer Type} ${infer Name}`
    ? { [Each in Name]: ValueOf<Type, Structs> }
    : never;

/** Something that is signed, whatever it says. */
export type Message = Record<string, unknown>;

/** A kind of message that is signed (EIP-712). Signing, showing, checking and docs/reference/typed-data.md all go by it. */
export interface MessageType<M extends object = Message> {
  /** Whose domain it is signed for. */
  readonly contract: string;
  readonly primaryType: string;
  readonly types: Record<string, TypedDataField[]>;
  /** Who signs it, in words. */
  readonly signedBy: string;
  /** What ends it before its deadline, in words. */
  readonly diesWhen: string;
  /** What its signer says by it. */
  says(message: M): string;
  /** What else there is to know, for the page. */
  readonly about?: string | undefined;
}

/** What a message of a kind holds: `Said<typeof GRANT>`. */
export type Said<Type> = Type extends MessageType<infer M> ? M : never;

const fieldsOf = (text: string): TypedDataField[] =>
  text.split(",").map((field) => {
    const [type = "", name = ""] = field.trim().split(" ");
    return { type, name };
  });

const CATEGORY_FIELDS = CATEGORIES.map((name) => ({ type: "bool", name: name.toLowerCase() }));

/**
 * A kind of message.
 *
 * @param contract the contract that checks it, or that it is about
 * @param fields as the contract's type text has them: `uint40 patient, uint48 deadline`; `Categories` is known
 * @param structs the fields of other structs that they name
 *
 * @example
 * const PLAY = messageType("Toy", "Play", {
 *   fields: "uint40 patient, uint8 tune, uint48 deadline",
 *   signedBy: "the patient",
 *   diesWhen: "it was played",
 *   says: (m) => `Play tune ${m.tune} for me.`,
 * });
 */
export function messageType<const Fields extends string, const Structs extends Texts = Record<never, never>>(
  contract: string,
  primaryType: string,
  {
    fields,
    structs,
    ...told
  }: Omit<MessageType<MessageOf<Fields, Structs>>, "contract" | "primaryType" | "types"> & {
    fields: Fields;
    structs?: Structs;
  },
): MessageType<MessageOf<Fields, Structs>> {
  const texts = [[primaryType, fields], ...Object.entries(structs ?? {})] as [string, string][];
  const types = Object.fromEntries(texts.map(([name, text]) => [name, fieldsOf(text)]));
  if (texts.some(([, text]) => text.includes("Categories "))) types["Categories"] = CATEGORY_FIELDS;
  return { contract, primaryType, types, ...told };
}

/** What stands for every steward in a grant that a wallet shows. */
export const EVERY_STEWARD_NAME = "every steward";

/** The domain under which a contract checks signatures. */
export const domainOf = (deployment: Deployment, contract: string): TypedDataDomain => ({
  name: "ChartChain",
  version: "1",
  chainId: deployment.chainId,
  verifyingContract: addressOf(deployment, contract),
});

/** A category mask as the struct `Categories`. */
export const categoriesMessage = (mask: number): Record<string, boolean> =>
  Object.fromEntries(CATEGORIES.map((name) => [name.toLowerCase(), categoriesOf(mask).includes(name)]));

/** The mask of a struct `Categories`. */
export const categoriesMaskOf = (message: Record<string, boolean>): number =>
  CATEGORIES.reduce((mask, name, lane) => (message[name.toLowerCase()] === true ? mask | (1 << lane) : mask), 0);
