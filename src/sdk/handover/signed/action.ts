import type { Message, MessageType } from "../../chain/typed-data.js";

/** A typed message and who signed it. */
export interface SignedMessage<M extends object = Message> {
  message: M;
  account: string;
  signature: string;
}

/** A signature as the contracts take it. */
export interface Authorization {
  account: string;
  deadline: number;
  signature: string;
}

/** The signature as the contracts take it. */
export const authorizationOf = ({
  account,
  signature,
  message,
}: SignedMessage<{ deadline?: unknown }>): Authorization => ({
  ...{ account, deadline: Number(message.deadline), signature },
});

/** What belongs in a file besides the signed action: another signature, or a value that is checked its own way. */
export interface Attachment<Value = unknown> {
  /** Of a signature. */
  readonly type?: MessageType;
  /** Of a value: whether it has the form of one. */
  readonly is?: (value: unknown) => boolean;
  /** Of a value: whether it is right; throws HANDOVER_ALTERED when it isn't. */
  check?(ctx: object, value: Value, message: Message): Promise<void>;
  /** Only for its type. */
  readonly value?: Value;
}

/** The attachments of an action, by the fields of its file. */
export type Attachments = Readonly<Record<string, Attachment>>;

/** What a file holds for them. */
export type Attached<Of extends Attachments> = {
  [Name in keyof Of]: Of[Name] extends Attachment<infer Value> ? Value : never;
};

/** Another signature that belongs in an action's file. */
export const signature = <M extends object>(type: MessageType<M>): Attachment<SignedMessage<M>> => ({
  type: type as MessageType,
});

/**
 * A value that belongs in an action's file.
 *
 * @param is whether a value has the form of one
 * @param check throws HANDOVER_ALTERED for one that isn't right
 */
export const attachment = <Value, Ctx extends object = object, M extends object = Message>(
  is: (value: unknown) => boolean,
  check?: (ctx: Ctx, value: Value, message: M) => Promise<void>,
): Attachment<Value> => ({ is, ...(check === undefined ? {} : { check: check as never }) });

/** What can be signed by one and relayed by another: the message, what belongs to it, and the call that it becomes. */
export interface SignedAction<M extends object = Message, Of extends Attachments = Attachments> {
  /** By which files name it. */
  readonly name: string;
  readonly type: MessageType<M>;
  readonly attached: Of;
  /** The function of the type's contract, and its arguments. */
  call(message: M, by: Authorization, attached: Attached<Of>): readonly [method: string, ...args: unknown[]];
}

/** An action of {@link signedSubject}, which gives it its name. */
export const signedAction = <M extends object, const Of extends Attachments = Record<never, never>>(
  action: Pick<SignedAction<M, Of>, "type" | "call"> & { readonly attached?: Of },
): SignedAction<M, Of> => ({ name: "", attached: {} as Of, ...action });

/** What is signed about one subject: a chapter of docs/reference/typed-data.md. */
export interface SignedSubject {
  readonly title: string;
  /** What there is to know of all of it, for the page. */
  readonly about?: string | undefined;
  readonly actions: Readonly<Record<string, SignedAction>>;
  /** What is signed and never sent. */
  readonly others: readonly MessageType[];
}

/**
 * A subject with its actions, which get their names here.
 *
 * @example
 * export const SIGNED = signedSubject("Toys", { actions: { playTune: signedAction({ type: PLAY, call: … }) } });
 */
export function signedSubject<const Table extends Readonly<Record<string, unknown>>>(
  title: string,
  { about, actions, others = [] }: { about?: string; actions: Table; others?: readonly MessageType[] },
) {
  const named = Object.entries(actions).map(([name, action]) => [name, { ...(action as SignedAction), name }]);
  return { title, about, actions: Object.fromEntries(named) as Table, others };
}

/** Every kind of message of a subject, each once, in the order of the page: what belongs to an action comes before it. */
export const messageTypesOf = ({ actions, others }: SignedSubject): MessageType[] => [
  ...new Set([
    ...Object.values(actions).flatMap(({ type, attached }) => [
      ...Object.values(attached).flatMap((each) => (each.type === undefined ? [] : [each.type])),
      type,
    ]),
    ...others,
  ]),
];
