import { changeRelationship, EITHER_SIDE } from "../../actor/change-relationship.js";
import { command } from "../../line/command.js";

export default command({
  purpose:
    "Lets a relationship rest: the provider adds nothing, and sees nothing by it, until the side that suspended it resumes it. Grants stay.",
  flags: EITHER_SIDE,
  operand: "with",
  examples: ["1 --home homes/alice", "3 --home homes/hospital"],
  run: (flags, talk) =>
    changeRelationship(flags, talk, {
      did: "Suspended the relationship",
      warning: "Until it is resumed the provider adds no records, and sees those that it keeps only by a grant.",
      send: (client, sides) => client.suspendRelationship(sides),
      sign: (client, sides) => client.signSuspendRelationship(sides),
      showsAccess: true,
    }),
});
