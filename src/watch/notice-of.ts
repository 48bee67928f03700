import { type Contract, EventLog, type Log } from "ethers";

import type { Client } from "../sdk/index.js";
import { type NoticeKind, type NoticeKinds, READERS } from "./notice-kinds.js";

/** What every notice says besides its own. */
export interface NoticeOf {
  /** The same for the same event in the same block, so that who is told twice knows it. */
  id: string;
  /** The block, and the transaction that did it. */
  block: number;
  transaction: string;
}

/** One thing that happened. */
export type Notice<Kind extends NoticeKind = NoticeKind> = {
  [Each in Kind]: NoticeOf & { kind: Each } & NoticeKinds[Each];
}[Kind];

/** The notice that an event makes, if it is about one of these participants. */
export function noticeOf(client: Client, log: Log, about: readonly number[] | "everybody"): Notice | undefined {
  for (const [name, readers] of Object.entries(READERS)) {
    const contract = (client.contracts as unknown as Record<string, Contract>)[name]!;
    if (client.deployment.contracts[name] !== log.address) continue;
    const event = contract.interface.getEvent(log.topics[0] ?? "");
    const reader = event === null ? undefined : readers[event.name];
    if (event === null || reader === undefined) return undefined;
    const said = reader.read(new EventLog(log, contract.interface, event).args);
    if (about !== "everybody" && !concerns(said, about)) return undefined;
    return {
      ...{ id: idOf(log.blockHash, log.index), block: log.blockNumber, transaction: log.transactionHash },
      ...{ kind: reader.kind, ...said },
    } as Notice;
  }
  return undefined;
}

/** The fields of notices that name participants. */
const PARTICIPANTS = [
  ...["patient", "provider", "author", "viewer", "steward", "responder", "participant", "starter", "delegate"],
  "institution",
];

const concerns = (said: object, about: readonly number[]): boolean =>
  PARTICIPANTS.some((field) => about.includes((said as Record<string, number>)[field] ?? NaN));

/** What a notice is known by: its block, and its place in it. */
export const idOf = (hash: string, position: number): string => `${hash}:${position}`;
