import type { Explanations } from "./explanation.js";

export const AGENT = {
  AGENT_ARGUMENTS: {
    why: "An agent called a tool with arguments that the tool's input schema doesn't allow. The message names the first that is wrong.",
    fix: "Call it as the schema says, which `tools/list` gives.",
  },
  AGENT_LIMIT_REACHED: {
    why: "An agent read as many records within an hour as whoever runs its tools allows. `details` says in how many seconds the next one is possible.",
    fix: "Wait. Whoever runs the tools may set another limit: `chartchain mcp --records-per-hour`.",
  },
  AGENT_OWN_RECORD: {
    why: "An agent asked for a record about the participant that it acts as, or for one that this participant keeps. No grant opens those, and no revocation ends the reading.",
    fix: "Register the agent as a participant of its own, and grant it what it may read.",
  },
} satisfies Explanations;
