import type { Client } from "../../sdk/index.js";
import { time } from "../terminal/tables.js";
import { endOfDay } from "./dates.js";
import { end, wholeNumber } from "./flag-kinds.js";
import { optional, type Values } from "./flags.js";
import { badUsage } from "./usage.js";

/** How a person says until when. */
export const EXPIRY_FLAGS = {
  until: optional(
    end,
    "until this time: 2030-01-31, 31 Jan 2030 (a day with all of it, in this machine's time zone), 2030-01-31T12:00Z, in 30 days, 1h",
  ),
  days: optional(wholeNumber("N", 1, 36_500), "for so many days from now"),
  minutes: optional(wholeNumber("N", 1, 52_560_000), "for so many minutes from now"),
};

/**
 * Until when, in seconds since 1970; undefined when nothing was said. "From now" counts from the chain's clock where
 * that runs ahead, as a local one may.
 *
 * @throws BAD_USAGE when it is said twice, or is past
 */
export async function readExpiry(
  { provider, clock }: Pick<Client, "provider" | "clock">,
  flags: Partial<Values<typeof EXPIRY_FLAGS>>,
): Promise<number | undefined> {
  requireOneExpiry(flags);
  const { until, days, minutes } = flags;
  const seconds = days !== undefined ? days * 86_400 : minutes && minutes * 60;
  if (until === undefined && seconds === undefined) return undefined;
  const now = Math.max(clock(), (await provider.getBlock("latest"))!.timestamp);
  if (until === undefined) return now + seconds!;
  const end = typeof until === "number" ? until : "day" in until ? endOfDay(until.day, now)! : now + until.fromNow;
  if (end <= now) throw badUsage(`--until is past: it was ${time(end)}`, "Give an end in the future.");
  return end;
}

/** Throws BAD_USAGE when the end is said in more than one way. */
export function requireOneExpiry({ until, days, minutes }: Partial<Values<typeof EXPIRY_FLAGS>>): void {
  if ([until, days, minutes].filter((given) => given !== undefined).length > 1) {
    throw badUsage("--until, --days and --minutes say the same thing: give one of them");
  }
}
