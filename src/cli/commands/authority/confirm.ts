import { standingCommand } from "./standing.js";

export default standingCommand(
  "Makes a suspension last until chartchain authority reinstate: announces it, waits out the delay, and executes it.",
  {
    command: "confirm",
    make: (client, change) => client.confirmSuspension(change),
    says: (name) => `${name} stays suspended until it is reinstated`,
  },
);
