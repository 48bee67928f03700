import { standingCommand } from "./standing.js";

export default standingCommand(
  "Freezes an institution's operators at once, for a stolen key: only its owners act until chartchain authority thaw.",
  {
    command: "freeze",
    make: (client, change) => client.freezeOperators(change),
    says: (name) => `The operators of ${name} are frozen`,
  },
);
