import { PURPOSES } from "../../sdk/index.js";
import { openSession } from "../actor/session.js";
import { command } from "../line/command.js";
import { ACTOR_FLAGS } from "../line/common-flags.js";
import { choice, wholeNumber } from "../line/flag-kinds.js";
import { optional, required } from "../line/flags.js";
import { watchForInterrupt } from "../terminal/interrupt.js";
import { version } from "../line/version.js";

const RECORDS_PER_HOUR = 100;
const MAX_BYTES = 131_072;

export default command({
  purpose:
    "Serves read-only tools of the Model Context Protocol over standard input and output: a software agent reads what patients granted to this participant, each read checked on the chain. A program starts it, and speaks to it.",
  flags: {
    purpose: required(choice("PURPOSE", PURPOSES), `what every record is read for: ${PURPOSES.join(", ")}`),
    "records-per-hour": optional(
      wholeNumber("N", 1, 1_000_000),
      `how many different records may be read within an hour (${RECORDS_PER_HOUR})`,
    ),
    "max-bytes": optional(
      wholeNumber("N", 16_384, 4_194_304),
      `how many bytes of JSON an answer may have (${MAX_BYTES})`,
    ),
    ...ACTOR_FLAGS,
  },
  examples: ["--purpose PATRQT --profile agent", "--purpose TREAT --records-per-hour 20 --home homes/agent"],
  async run({ purpose, "records-per-hour": recordsPerHour, "max-bytes": maxBytes, ...flags }, talk) {
    using interrupt = watchForInterrupt(talk);
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    if (talk.interactive) talk.note("Serving tools: a program speaks to them here, in JSON-RPC. Ctrl-C ends it.");
    const { serveTools } = await import("../mcp/serve-tools.js");
    await serveTools(session.client, {
      input: talk.streams.stdin,
      output: talk.streams.stdout,
      purpose,
      version: version(),
      recordsPerHour: recordsPerHour ?? RECORDS_PER_HOUR,
      maxBytes: maxBytes ?? MAX_BYTES,
      log: (line) => talk.note(line),
      signal: interrupt.signal,
    });
    return { data: undefined, text: "" };
  },
});
