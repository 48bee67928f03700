import { standingCommand } from "./standing.js";

export default standingCommand(
  "Lets an institution's operators act again: announces it, waits out the delay, and executes it.",
  {
    command: "thaw",
    make: (client, change) => client.thawOperators(change),
    says: (name) => `The operators of ${name} act again`,
  },
);
