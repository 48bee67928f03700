import { standingCommand } from "./standing.js";

export default standingCommand("Lifts a suspension: announces it, waits out the delay, and executes it.", {
  command: "reinstate",
  make: (client, change) => client.reinstateInstitution(change),
  says: (name) => `${name} is reinstated`,
});
