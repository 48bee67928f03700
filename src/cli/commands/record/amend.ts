import { command } from "../../line/command.js";
import { addReferring, REFERRING_FLAGS } from "../../records/add-referring.js";

export default command({
  purpose:
    "Adds a record that takes another one's place, as a provider that keeps it: the former stays, and says what came after it. What was wrong from the start is retracted: chartchain record retract.",
  flags: REFERRING_FLAGS,
  operand: "digest",
  examples: [
    "0x1f2e3d4c5b6a --input corrected.json --home homes/hospital",
    "0x1f2e3d4c5b6a --file report.pdf --media-type application/pdf --home homes/hospital",
  ],
  run: (flags, talk) => addReferring("amends", flags, talk),
});
