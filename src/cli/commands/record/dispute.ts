import { command } from "../../line/command.js";
import { addReferring, REFERRING_FLAGS } from "../../records/add-referring.js";

export default command({
  purpose:
    "Adds a record that contradicts another one, such as a patient's own statement, which its provider adds for the patient. Both stay, and everybody who reads the statement sees what it is about.",
  flags: REFERRING_FLAGS,
  operand: "digest",
  examples: ["0x1f2e3d4c5b6a --file statement.txt --media-type text/plain --home homes/hospital"],
  run: (flags, talk) => addReferring("disputes", flags, talk),
});
