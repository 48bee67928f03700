import { ChartChainError } from "../../../errors/index.js";
import { PURPOSES, type Synced } from "../../../sdk/index.js";
import { openSession } from "../../actor/session.js";
import { sumOf, type Taken } from "../../files/take-files.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { choice, url } from "../../line/flag-kinds.js";
import { optional, repeated } from "../../line/flags.js";
import { badUsage } from "../../line/usage.js";
import { caution, count, done, next } from "../../terminal/tables.js";
import { takenInWords } from "../../words/taken-in-words.js";

export default command({
  purpose:
    "Fetches from gatekeepers whatever is new for you: keys, envelopes, retractions, and the sealed records. Each is verified as a file that somebody hands over is; one gatekeeper that is down, or lies, stops no other one.",
  flags: {
    gatekeeper: repeated(url, "a gatekeeper's address; may be given again"),
    purpose: optional(choice("PURPOSE", PURPOSES), "what to sign in for (default: TREAT)"),
    ...ACTOR_FLAGS,
  },
  operand: "gatekeeper",
  examples: ["https://gatekeeper.hospital.example --home homes/alice"],
  async run({ gatekeeper: gatekeepers, purpose, ...flags }, talk) {
    if (gatekeepers.length === 0) throw badUsage("--gatekeeper is missing: where to ask");
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const synced = await session.client.sync({ gatekeepers, ...(purpose === undefined ? {} : { purpose }) });
    const each = synced.map((one) => ({
      ...one,
      deliveries: one.deliveries.map((delivery) => sumOf(one.gatekeeper, delivery)),
    }));
    if (each.every(({ stopped }) => stopped !== undefined)) throw nothingCame(synced);
    const brought = each.some(({ deliveries }) => deliveries.some(({ records, known }) => records + known > 0));
    return {
      data: { synced: each },
      text: [...each.flatMap(inWords), ...(brought ? [next("chartchain record list")] : [])].join("\n"),
    };
  },
});

type Each = Omit<Synced, "deliveries"> & { deliveries: Taken[] };

function inWords({ gatekeeper, deliveries, packs, refused, waiting, stopped }: Each): string[] {
  const brought = deliveries.flatMap(takenInWords);
  return [
    ...(brought.length === 0 && stopped === undefined ? [done(`Nothing new from ${gatekeeper}`)] : brought),
    ...(packs === 0 ? [] : [done(`Fetched ${count(packs, "file")} of sealed records from ${gatekeeper}`)]),
    ...refused.map(({ code, reason }) =>
      caution(`Left out of ${gatekeeper}: ${reason}${code === undefined ? "" : ` (${code})`}`),
    ),
    ...(waiting === 0 ? [] : [caution(`${gatekeeper} may have more that isn't ready: ask again in a while`)]),
    ...(stopped === undefined ? [] : [caution(`${gatekeeper}: ${stopped.reason}`)]),
  ];
}

function nothingCame(synced: readonly Synced[]): ChartChainError {
  const [{ stopped }] = synced as [Synced];
  return new ChartChainError(
    stopped!.code ?? "GATEKEEPER_UNREACHABLE",
    synced.map((each) => each.stopped!.reason).join("; "),
    {
      details: { gatekeepers: synced.map(({ gatekeeper }) => gatekeeper) },
      hint: "Nothing came. What is new stays where it is, and comes with the next try.",
    },
  );
}
