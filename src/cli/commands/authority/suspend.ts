import { standingCommand } from "./standing.js";

export default standingCommand(
  "Suspends an institution at once: it adds no records, and nobody lets it read. It lapses unless chartchain authority confirm follows.",
  {
    command: "suspend",
    make: (client, change) => client.suspendInstitution(change),
    says: (name) => `${name} is suspended`,
  },
);
