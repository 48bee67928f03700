import type { BaseContract } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import type { Call } from "../chain/transactions.js";
import type { Message } from "../chain/typed-data.js";
import type { Context } from "../context.js";
import { header, is, parseHandover, type HandoverHeader, type Shape } from "./file.js";
import type { Guardians } from "./guardians.js";
import { checkMessage, signMessage } from "./signature.js";
import {
  authorizationOf,
  type Attached,
  type Attachments,
  type SignedAction,
  type SignedMessage,
} from "./signed/action.js";
import { SIGNED_ACTIONS } from "./signed/index.js";

/** A signed action that anybody may send and pay for. */
export interface SignedActionFile extends HandoverHeader, SignedMessage {
  kind: "chartchain/signed-action";
  /** The name of a signed action: of the core, or of a module. */
  action: string;
  /** The provider's signed offer, for `acceptOffer`. */
  offer?: SignedMessage;
  /** The new account's signature, for `addAccount` and `comeOfAge`. */
  joining?: SignedMessage;
  /** The clinic's signature, for `registerChild`. */
  attestation?: SignedMessage;
  /** The disclosed guardians, for a recovery. */
  guardians?: Guardians;
  /** What else an action of a module needs. */
  [attachment: string]: unknown;
}

const isSigned = (value: unknown) => {
  const signed = value as SignedMessage | null;
  if (!is.object(signed) || Object.keys(signed!).length !== 3) return false;
  return is.object(signed?.message) && is.address(signed?.account) && is.hex(signed?.signature);
};

/** Signs an action into a handover file. `message` holds everything but what the type's name already says. */
export async function signAction<M extends object, Of extends Attachments>(
  ctx: Context,
  { name, type }: SignedAction<M, Of>,
  message: NoInfer<M>,
  ...[attached]: Record<never, never> extends Attached<Of> ? [] : [attached: Attached<Of>]
): Promise<SignedActionFile> {
  const signed = (await signMessage<M>(ctx, type, message)) as SignedMessage;
  const about = namedIn(signed.message);
  return { ...header(ctx, "chartchain/signed-action", { about }), action: name, ...signed, ...attached };
}

/** Who is to be given something, by what a message says: who relays it may be the one that gives it. */
function namedIn(message: Message): number[] {
  const { viewer, researcher, delegate, grants } = message;
  const viewers = Array.isArray(grants) ? grants.map((each: { viewer: unknown }) => each.viewer) : [];
  return [viewer, researcher, delegate, ...viewers].filter((each) => typeof each === "number");
}

/** The core's signed action of a name, or a module's. */
export function actionNamed({ modules }: Context, name: unknown): SignedAction | undefined {
  const tables = [SIGNED_ACTIONS, ...modules.map(({ signed }) => signed?.actions ?? {})];
  const table = tables.find((each) => typeof name === "string" && Object.hasOwn(each, name));
  return (table as Readonly<Record<string, SignedAction>> | undefined)?.[name as string];
}

/** What a file of an action has to look like. */
function shapeOf(action: SignedAction | undefined): Shape {
  const attached = Object.entries(action?.attached ?? {}).map(([name, each]) => [name, each.is ?? isSigned] as const);
  return {
    action: () => action !== undefined,
    message: is.object,
    account: is.address,
    signature: is.hex,
    ...Object.fromEntries(attached),
  };
}

/**
 * Reads a signed action and makes sure that it is what its signer signed and still in time.
 *
 * @throws HANDOVER_MALFORMED, HANDOVER_WRONG_KIND, HANDOVER_WRONG_CHAIN, HANDOVER_ALTERED, HANDOVER_EXPIRED
 */
export async function readSignedAction(ctx: Context, file: unknown, now: number): Promise<SignedActionFile> {
  const { kind, action: name } = (file ?? {}) as { kind?: unknown; action?: unknown };
  const action = actionNamed(ctx, name);
  if (kind === "chartchain/signed-action" && typeof name === "string" && action === undefined) throw unknown(name);
  const given = parseHandover<SignedActionFile>(ctx, "chartchain/signed-action", shapeOf(action), file);
  const { type, attached } = action!;
  const checked = await checkMessage(ctx, type, given, `the action ${given.action}`, "contract");
  for (const [name, each] of Object.entries(attached)) {
    if (each.type === undefined) await each.check?.(ctx, given[name], given.message);
    else {
      const signed = given[name] as SignedMessage;
      checked[name] = await checkMessage(ctx, each.type, signed, `the ${name}`, "contract");
    }
  }
  const { deadline } = authorizationOf(given);
  if (deadline < now) {
    throw new ChartChainError(
      "HANDOVER_EXPIRED",
      `the signature counted until ${new Date(deadline * 1000).toISOString()}`,
      {
        hint: "Ask the signer to sign again.",
      },
    );
  }
  return checked;
}

/** The contract call that a signed action becomes. */
export function callOf(ctx: Context, file: SignedActionFile): Call {
  const action = actionNamed(ctx, file.action);
  if (action === undefined) throw unknown(file.action);
  const [method, ...args] = action.call(file.message, authorizationOf(file), file);
  const contracts: Readonly<Record<string, BaseContract>> = ctx.contracts;
  return { contract: contracts[action.type.contract]!, method, args };
}

const unknown = (action: string): ChartChainError =>
  new ChartChainError("HANDOVER_MALFORMED", `this client knows no signed action ${action.slice(0, 60)}`, {
    hint: "If it is a module's, hand that module to createClient. Otherwise ask for the file again.",
  });
