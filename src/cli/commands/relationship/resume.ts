import { changeRelationship, EITHER_SIDE } from "../../actor/change-relationship.js";
import { command } from "../../line/command.js";

export default command({
  purpose: "Lets a relationship go on that the same side suspended.",
  flags: EITHER_SIDE,
  operand: "with",
  examples: ["1 --home homes/alice", "3 --home homes/hospital"],
  run: (flags, talk) =>
    changeRelationship(flags, talk, {
      did: "Resumed the relationship",
      warning: "The provider adds records again, and sees those that it keeps.",
      send: (client, sides) => client.resumeRelationship(sides),
      sign: (client, sides) => client.signResumeRelationship(sides),
    }),
});
