import { changeRelationship, PATIENT_ONLY } from "../../actor/change-relationship.js";
import { command } from "../../line/command.js";

export default command({
  purpose:
    "Refuses a provider's proposals and offers, those that wait among them, until it is unblocked. A relationship that stands goes on: chartchain relationship end ends that.",
  flags: PATIENT_ONLY,
  operand: "provider",
  examples: ["2 --home homes/alice"],
  run: ({ provider, ...flags }, talk) =>
    changeRelationship({ ...flags, with: provider }, talk, {
      did: "Blocked: no new relationship",
      warning: "The provider can propose nothing any more. What stands between you goes on.",
      send: (client, sides) => client.blockProvider(sides),
      sign: (client, sides) => client.signBlockProvider(sides),
      showsAccess: true,
    }),
});
