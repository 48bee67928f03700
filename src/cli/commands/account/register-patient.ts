import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { fund, registering, registrationData, registrationFacts } from "../../actor/registration.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { done, next, nextOfOthers } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";

export default command({
  purpose:
    "Registers a patient. Makes an encrypted wallet and a vault in a home folder that has none. Without ether: --sign writes a file that anybody may relay.",
  flags: {
    sign: optional(file, "send nothing: write the signed registration here, for somebody else to relay"),
    fund: toggle("on a local chain: give an account without ether 10 of the node's"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice --fund", "--home homes/bob --sign bob-registers.json"],
  async run(flags, talk) {
    if (flags.sign !== undefined && flags.fund) throw badUsage("--sign needs no ether: leave --fund out");
    if (flags.sign !== undefined) {
      await using output = await OutputFile.reserve(flags.sign, flags);
      await using session = await openSession(flags, talk, { account: "sign", vault: "create" });
      return await signedAction(session, output, await session.client.signRegisterPatient());
    }
    await using session = await openSession(flags, talk, { account: "sign", vault: "create", freeEther: flags.fund });
    const funded = flags.fund && (await fund(session, talk));
    const registered = await registering(session, () => session.client.registerPatient());
    return {
      data: registrationData(session, registered, funded),
      text: [
        done(`Registered as participant ${registered.participant}`),
        registrationFacts(session, registered),
        nextOfOthers(
          `tell a provider this number: chartchain relationship propose --patient ${registered.participant}`,
        ),
        next(
          "say what responders see in an emergency of what is sensitive: chartchain emergency wish --sensitive medicines --more say",
        ),
      ].join("\n"),
    };
  },
});
