import { id as keccakOfText, type EventLog } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import type { AcceptedParticipant } from "../../vault/index.js";
import { eventsAbout, queryEvents } from "../chain/events.js";
import { signedCall, speakerOf } from "../chain/signed-call.js";
import { ACCOUNT_INVITATION, KEY_CHANGE } from "./signed/accounts.js";
import { currentTime, type Context } from "../context.js";
import { heldSignature } from "./key-document-signature.js";
import { agreed } from "../chain/nodes.js";
import { ACCOUNT_SCOPES, scopeIndex, type AccountScope } from "../vocabulary.js";

/** What this vault accepted about a participant. */
export type Pinned = AcceptedParticipant;

/** A participant's key as the Registrar's state has it. */
export type KeyState = Pick<Pinned, "keyVersion" | "keyDocument">;

/** What this vault accepted about a participant; undefined when it never met it, and for a client without a vault. */
export const pinnedOf = (ctx: Context, participant: number): Pinned | undefined =>
  ctx.vault?.access.acceptedParticipants.get({ participant });

/** Accepts more, or something else. */
export function pin(ctx: Context, participant: number, change: Partial<Pinned>): void {
  const before = { keyVersion: 0, keyDocument: "", accounts: {}, ...pinnedOf(ctx, participant) };
  const after: Pinned = { ...before, ...change };
  if (before.keyVersion > 0 && after.keyDocument !== before.keyDocument) {
    after.former = [...(before.former ?? []), before.keyDocument];
  }
  ctx.vault?.access.acceptedParticipants.set({ participant }, after);
}

/**
 * Forgets what the vault accepted about a participant: it is met anew with the next question. For one who was told something
 * wrong at the first meeting, and has found out by another way than a node what is right.
 */
export async function forgetParticipant(ctx: Context, { participant }: { participant: number }): Promise<boolean> {
  return ctx.vault?.access.acceptedParticipants.delete({ participant }) ?? false;
}

/** What is pinned about a participant. At the first meeting that is what the nodes say with one voice. */
export async function acquaint(ctx: Context, participant: number): Promise<Pinned> {
  const known = pinnedOf(ctx, participant);
  if (known !== undefined && known.keyVersion > 0) return known;
  const { name, ...met } = await agreed(ctx, `participant ${participant}`, async (view, at) => {
    const key = await keyState(view, participant, at);
    if (key.keyVersion > 0) await requireEvent(view, participant, key, at);
    const { accounts, inactive } = await accountsOf(view, participant, at);
    const read = await readName(view, participant, at).catch((error: unknown) => {
      if (!isChartChainError(error, "NAME_UNVERIFIED")) throw error;
    });
    return { ...key, accounts, inactive, name: read };
  });
  const accepted: Pinned = { ...(name === undefined ? {} : { name }), ...met };
  if (met.keyVersion > 0) pin(ctx, participant, accepted);
  return accepted;
}

export async function keyState(view: Context, participant: number, at: number | "latest"): Promise<KeyState> {
  const { Registrar } = view.contracts;
  const [keyDocument, keyVersion] = await Promise.all([
    Registrar.keyDocumentOf(participant, { blockTag: at }),
    Registrar.keyVersionOf(participant, { blockTag: at }),
  ]);
  return { keyDocument, keyVersion: Number(keyVersion) };
}

/** Even at a first meeting a key has an event: the registration's, or its change's. Throws KEY_CHANGED. */
async function requireEvent(view: Context, participant: number, key: KeyState, at: number | "latest"): Promise<void> {
  const { Registrar } = view.contracts;
  const wanted =
    key.keyVersion > 1 ? ["KeyChanging"] : ["PatientRegistered", "InstitutionRegistered", "ChildRegistered"];
  const to = at === "latest" ? undefined : at;
  const events = await eventsAbout(view, [[Registrar, wanted]], [participant], undefined, to);
  const hasEvent = events.some(
    ({ args }) => args["keyDocument"] === key.keyDocument && Number(args["keyVersion"] ?? 1) === key.keyVersion,
  );
  if (!hasEvent) throw keyChanged(participant, { keyVersion: 0, keyDocument: "" }, key);
}

/** A participant's name as a node tells it, verified by its digest; empty for a person. Throws NAME_UNVERIFIED. */
export async function readName(view: Context, id: number, at: number | "latest"): Promise<string> {
  const { Registrar } = view.contracts;
  const digest = await Registrar.nameDigestOf(id, { blockTag: at });
  if (digest === keccakOfText("")) return "";
  const to = at === "latest" ? undefined : at;
  const [event] = await queryEvents(view, Registrar, Registrar.filters.InstitutionRegistered(id), undefined, to);
  const name = event?.args["name"] as string | undefined;
  if (name !== undefined && keccakOfText(name) === digest) return name;
  throw new ChartChainError("NAME_UNVERIFIED", `the name of institution ${id} can't be verified`, {
    details: { participant: id },
    hint: "Use a node that keeps old logs; don't sign anything for a name that isn't verified.",
  });
}

/** The accounts of a participant: those that act for it, and the others. Each has an event. */
async function accountsOf(
  view: Context,
  participant: number,
  at: number | "latest",
): Promise<Required<Pick<Pinned, "accounts" | "inactive">>> {
  const given = await accountEvents(view, participant, at);
  // A recovery may give back an account that there was before.
  const scopes = Object.fromEntries(given.map(({ account, scope }) => [account, scope]));
  const accounts = Object.keys(scopes).sort();
  const holders = await Promise.all(
    accounts.map((account) => view.contracts.Registrar.participantOf(account, { blockTag: at })),
  );
  const those = (act: boolean) =>
    Object.fromEntries(
      accounts
        .filter((_, i) => (Number(holders[i]) === participant) === act)
        .map((account) => [account, scopes[account]!]),
    );
  return { accounts: those(true), inactive: those(false) };
}

/** What gave a participant its accounts, by kind of event and oldest first. */
export async function accountEvents(
  view: Context,
  participant: number,
  at: number | "latest",
): Promise<{ account: string; scope: AccountScope; event: EventLog }[]> {
  const { Registrar } = view.contracts;
  const wanted = ["PatientRegistered", "InstitutionRegistered", "AccountAdded", "Recovered", "CameOfAge"];
  const to = at === "latest" ? undefined : at;
  const events = await eventsAbout(view, [[Registrar, wanted]], [participant], undefined, to);
  return events.map((event) => ({
    account: (event.args["account"] ?? event.args["newAccount"]) as string,
    scope: ACCOUNT_SCOPES[Number(event.args["scope"] ?? scopeIndex("owner"))]!,
    event,
  }));
}

/** Nothing is old enough. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Holds a key against the pinned one. A change is taken for its owner's word where an owner's account that was known signed
 * the call that announced the key, or signed for the key document itself (the signature travels with it).
 *
 * @returns after which block something has to be begun to be sealed to this key before it is confirmed: 0 for the first one.
 *   For one whose change is its owner's word, and for a person's that nothing but a node's word stands behind, as after a
 *   recovery, the block at which the former key was still seen: so a node that makes a change up, or dates it back, gets
 *   nothing older. {@link NEVER} for an institution's that nobody signed: nobody recovers that.
 * @throws KEY_CHANGED for a key that was never announced, and for one that counted before another one did
 */
export async function acceptKey(ctx: Context, participant: number, key: KeyState): Promise<number> {
  if (ctx.vault === undefined) return 0;
  const pinned = await acquaint(ctx, participant);
  if (pinned.keyVersion === key.keyVersion && pinned.keyDocument === key.keyDocument) {
    pin(ctx, participant, { seenAt: await ctx.provider.getBlockNumber() });
    return pinned.changedAfter ?? 0;
  }
  const isNewer = key.keyVersion > pinned.keyVersion && pinned.former?.includes(key.keyDocument) !== true;
  const announced = isNewer ? await announcementOf(ctx, participant, key) : undefined;
  if (announced === undefined) throw keyChanged(participant, pinned, key);
  const signed = heldSignature(ctx, key.keyDocument);
  const signers = [announced.speaker, signed?.participant === participant ? signed.account : ""];
  if (ctx.agreement < 2 && !signers.some((account) => pinned.accounts[account] === "owner")) {
    return pinned.name === "" ? (pinned.seenAt ?? NEVER) : NEVER;
  }
  const changedAfter = pinned.seenAt ?? 0;
  pin(ctx, participant, { ...key, changedAfter });
  return changedAfter;
}

/** The event that announced a key, once its delay is over, with the account whose word it was. */
async function announcementOf(
  ctx: Context,
  participant: number,
  { keyVersion, keyDocument }: KeyState,
): Promise<{ speaker: string } | undefined> {
  const now = await currentTime(ctx);
  return agreed(ctx, `the change of keys of participant ${participant}`, async (view, at) => {
    const { Registrar } = view.contracts;
    const to = at === "latest" ? undefined : at;
    const changes = await queryEvents(view, Registrar, Registrar.filters.KeyChanging(participant), undefined, to);
    const event = changes.findLast(
      ({ args }) => Number(args["keyVersion"]) === keyVersion && args["keyDocument"] === keyDocument,
    );
    if (event === undefined || Number(event.args["from"]) > now) return undefined;
    const call = await signedCall(view, Registrar, event);
    const isOfKey = call !== undefined && ["changeKey", "changeKeyWithSig"].includes(call.name);
    if (!isOfKey || call.args[0] !== keyDocument) return { speaker: "" };
    return { speaker: await speakerOf(view, call, KEY_CHANGE, { participant, keyDocument, keyVersion }) };
  });
}

/**
 * The participant that an account acts for, as far as that is more than a node's word: an account that this vault knows, or
 * one that came by an event of its own, agreed on by several nodes, signed for by an owner that was known, or after a
 * recovery or coming of age, which the former account doesn't sign.
 *
 * @returns 0 for nobody's
 * @throws ACCOUNT_UNPROVEN, NODES_DISAGREE, NODES_BEHIND, NODES_MISSING
 */
export async function participantActing(ctx: Context, account: string): Promise<number> {
  const participant = await agreed(ctx, `account ${account}`, async (view, at) =>
    Number(await view.contracts.Registrar.participantOf(account, { blockTag: at })),
  );
  if (participant === 0 || ctx.vault === undefined) return participant;
  await proveAccount(ctx, participant, account);
  return participant;
}

/** Makes sure that an account is, or was, a participant's. Throws as {@link participantActing}. */
async function proveAccount(ctx: Context, participant: number, account: string): Promise<void> {
  const { accounts, name } = await acquaint(ctx, participant);
  if (accounts[account] !== undefined) return;
  const scope = await agreed(ctx, `account ${account}`, async (view, at) => {
    const given = (await accountEvents(view, participant, at)).findLast((each) => each.account === account);
    if (given === undefined) return undefined;
    // Nobody recovers an institution. Of one that had no account at the first meeting, this is the first.
    const isUnsigned = name === "" && UNSIGNED.includes(given.event.eventName);
    if (ctx.agreement > 1 || Object.keys(accounts).length === 0 || isUnsigned) return given.scope;
    if (given.event.eventName !== "AccountAdded") return undefined;
    const call = await signedCall(view, view.contracts.Registrar, given.event);
    if (call === undefined || !["addAccount", "addAccountWithSig"].includes(call.name)) return undefined;
    const [scope, joining] = call.args.toArray() as [bigint, { account: string }];
    if (joining.account !== account || Number(scope) !== scopeIndex(given.scope)) return undefined;
    const speaker = await speakerOf(view, call, ACCOUNT_INVITATION, { participant, account, scope: given.scope });
    return accounts[speaker] === "owner" ? given.scope : undefined;
  });
  if (scope === undefined) throw unproven(account, participant);
  pin(ctx, participant, { accounts: { ...accounts, [account]: scope } });
}

/**
 * Makes sure that an account is one of those that this vault accepted of a participant, or comes by an event that proves
 * itself, and says whether it acts for the participant now.
 *
 * @throws ACCOUNT_UNPROVEN, NODES_DISAGREE, NODES_BEHIND, NODES_MISSING, CHAIN_UNREACHABLE
 */
export async function acceptAccount(ctx: Context, participant: number, account: string): Promise<boolean> {
  const { inactive = {} } = await acquaint(ctx, participant);
  if (inactive[account] === undefined) await proveAccount(ctx, participant, account);
  return agreed(ctx, `account ${account}`, async (view, at) => {
    const acting = await view.contracts.Registrar.participantOf(account, { blockTag: at });
    return Number(acting) === participant;
  });
}

/** Whether an account of a participant acted for it in a block. Throws as {@link acceptAccount}. */
export const actedIn = (ctx: Context, participant: number, account: string, block: number): Promise<boolean> =>
  agreed(ctx, `account ${account} in block ${block}`, (view) => actedThen(view, participant, account, block));

/** What ends an account, interrupts it, or takes that back. */
const ENDING = ["Recovered", "AccountRetiring", "AccountKept", "OperatorsFrozen", "OperatorsThawed"];

/** Whether an account acted for a participant in a block, by the events so far. What ends in that block ends after it. */
async function actedThen(view: Context, participant: number, account: string, block: number): Promise<boolean> {
  const { Registrar } = view.contracts;
  const given = (await accountEvents(view, participant, block)).findLast((each) => each.account === account);
  const there = await view.provider.getBlock(block);
  if (given === undefined || there === null) return false;
  if (Number(given.event.args["from"] ?? 0) > there.timestamp) return false;
  const events = await eventsAbout(view, [[Registrar, ENDING]], [participant], undefined, block - 1);
  const since = events.filter(({ blockNumber }) => blockNumber >= given.event.blockNumber);
  const isReplaced = since.some(({ eventName, args }) => eventName === "Recovered" && args["newAccount"] !== account);
  const retiring = since.findLast(({ args }) => args["account"] === account);
  const isRetired = retiring?.eventName === "AccountRetiring" && Number(retiring.args["from"]) <= there.timestamp;
  const freeze = events.findLast(({ eventName }) => eventName.startsWith("Operators"));
  const isFrozen = given.scope === "operator" && freeze?.eventName === "OperatorsFrozen";
  return !isReplaced && !isRetired && !isFrozen;
}

/** What gives a person an account without any former one's signature. */
const UNSIGNED = ["Recovered", "CameOfAge"];

function keyChanged(participant: number, pinned: KeyState, key: KeyState): ChartChainError {
  const known = pinned.keyVersion > 0 ? { accepted: keyOf(pinned) } : {};
  return new ChartChainError(
    "KEY_CHANGED",
    `the node names a key of participant ${participant} that ${pinned.keyVersion > 0 ? "this vault didn't accept, and no change to it" : "no event tells of"}`,
    {
      details: { participant, ...known, named: keyOf(key) },
      hint: "Give nothing to that key. Ask another node, which keeps old logs; a change counts two days after its event.",
    },
  );
}

const keyOf = ({ keyVersion, keyDocument }: KeyState): KeyState => ({ keyVersion, keyDocument });

function unproven(account: string, participant: number): ChartChainError {
  return new ChartChainError(
    "ACCOUNT_UNPROVEN",
    `the node says that account ${account} acts for participant ${participant}, and nothing else does`,
    {
      details: { account, participant },
      hint: "Name other nodes (otherNodes; --other-node), or ask for a file that is signed by an account known so far.",
    },
  );
}
