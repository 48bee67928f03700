import { openSession } from "../../actor/session.js";
import { readJsonFile } from "../../files/input-file.js";
import { takeFile, type Taken } from "../../files/take-files.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { repeated } from "../../line/flags.js";
import { badUsage } from "../../line/usage.js";
import { next } from "../../terminal/tables.js";
import { takenInWords } from "../../words/taken-in-words.js";

export default command({
  purpose:
    "Takes into the vault what somebody handed over: deliveries, grants' keys, envelopes, retractions and constraints. Taking a file twice changes nothing.",
  flags: {
    file: repeated(file, "the delivery, grant, envelopes, retraction or constraint; may be given again"),
    ...ACTOR_FLAGS,
  },
  operand: "file",
  examples: ["for-alice.json --home homes/alice", "one.json two.json --home homes/clinic"],
  async run({ file: paths, ...flags }, talk) {
    if (paths.length === 0) throw badUsage("--file is missing: what was handed over");
    const files = [];
    for (const path of paths) files.push({ path, content: await readJsonFile(path) });
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    const taken: Taken[] = [];
    for (const { path, content } of files) taken.push(await takeFile(session.client, path, content));
    const brought = taken.some(({ records, known }) => records + known > 0);
    return {
      data: { taken },
      text: [...taken.flatMap(takenInWords), ...(brought ? [next("chartchain record list")] : [])].join("\n"),
    };
  },
});
