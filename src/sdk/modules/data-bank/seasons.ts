import { queryEvents } from "../../chain/events.js";
import { anchorIn, type AnchoredRecord } from "../../records/history.js";
import type { BankContext } from "./contracts.js";

/** When a season begins and ends, in seconds since 1970; it ends before the second of `endsAt`. */
export interface SeasonTimes {
  startsAt: number;
  endsAt: number;
}

/** The times of a season. */
export async function seasonTimes(ctx: BankContext, season: number): Promise<SeasonTimes> {
  const { DataBank } = ctx.contracts;
  const [start, length] = await Promise.all([DataBank.start(), DataBank.SEASON()]);
  const startsAt = Number(start) + season * Number(length);
  return { startsAt, endsAt: startsAt + Number(length) };
}

/** A record or batch that was anchored in a season. */
export interface SeasonRecord extends AnchoredRecord {
  patient: number;
}

/** The records and batches that were anchored in a season, of one patient or by one author, oldest first. */
export async function recordsOfSeason(
  ctx: BankContext,
  season: number,
  { patient, author }: { patient?: number; author?: number },
): Promise<SeasonRecord[]> {
  const { Records } = ctx.contracts;
  const { startsAt, endsAt } = await seasonTimes(ctx, season);
  const [first, next] = await Promise.all([firstBlockFrom(ctx, startsAt), firstBlockFrom(ctx, endsAt)]);
  const kinds = [Records.filters.RecordAnchored(patient, author), Records.filters.BatchAnchored(patient, author)];
  const events = await Promise.all(kinds.map((filter) => queryEvents(ctx, Records, filter, first, next - 1)));
  return events
    .flat()
    .sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index)
    .map((event) => ({ ...anchorIn(event), patient: Number(event.args["patient"]) }));
}

/** The first block at or after a time; the one after the head when there is none yet. */
async function firstBlockFrom(ctx: BankContext, time: number): Promise<number> {
  let low = ctx.deployment.block;
  let high = (await ctx.provider.getBlockNumber()) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const block = await ctx.provider.getBlock(middle);
    if (block !== null && block.timestamp >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}
