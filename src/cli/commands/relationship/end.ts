import { changeRelationship, EITHER_SIDE, YES } from "../../actor/change-relationship.js";
import { command } from "../../line/command.js";

export default command({
  purpose:
    "Ends a relationship: the provider adds nothing more, and sees nothing by it. Records and grants stay. A new one needs a new proposal.",
  flags: { ...EITHER_SIDE, yes: YES },
  operand: "with",
  examples: ["1 --home homes/alice", "3 --yes --home homes/hospital"],
  run: (flags, talk) =>
    changeRelationship(flags, talk, {
      did: "Ended the relationship",
      warning: "Only a new proposal begins it again. Records stay, and so do grants: chartchain consent revoke.",
      question: "End this relationship?",
      send: (client, sides) => client.endRelationship(sides),
      sign: (client, sides) => client.signEndRelationship(sides),
      showsAccess: true,
    }),
});
