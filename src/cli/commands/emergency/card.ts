import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { openSession } from "../../actor/session.js";

export default command({
  purpose:
    "Prints the text of a patient's emergency card, to be carried as a QR code. It says which participant this is, and nothing about health.",
  flags: ACTOR_FLAGS,
  examples: ["--home homes/alice"],
  async run(flags, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none", as: "patient" });
    const card = await session.client.emergencyCard();
    return { data: { card, participant: await session.client.ownId() }, text: card };
  },
});
