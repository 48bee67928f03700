import { changeRelationship, PATIENT_ONLY } from "../../actor/change-relationship.js";
import { command } from "../../line/command.js";

export default command({
  purpose: "Admits a provider's proposals and offers again.",
  flags: PATIENT_ONLY,
  operand: "provider",
  examples: ["2 --home homes/alice"],
  run: ({ provider, ...flags }, talk) =>
    changeRelationship({ ...flags, with: provider }, talk, {
      did: "Unblocked: a new relationship",
      warning: "The provider may propose again. Nothing stands before you approve it.",
      send: (client, sides) => client.unblockProvider(sides),
      sign: (client, sides) => client.signUnblockProvider(sides),
    }),
});
