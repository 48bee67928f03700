import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { anyText, url } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { fund, registering, registrationData, registrationFacts } from "../../actor/registration.js";
import { openSession } from "../../actor/session.js";
import { done, nextOfOthers } from "../../terminal/tables.js";

export default command({
  purpose:
    "Registers an institution under its public name. Makes an encrypted wallet and a vault in a home folder that has none. It may do nothing until the authority licenses it.",
  flags: {
    name: required(anyText("NAME"), "the public name, as patients will see it"),
    service: optional(url, "where the institution's service answers"),
    fund: toggle("on a local chain: give an account without ether 10 of the node's"),
    ...ACTOR_FLAGS,
  },
  examples: ['--name "General Hospital" --home homes/hospital --fund'],
  async run({ name, service, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "sign", vault: "create", freeEther: flags.fund });
    const funded = flags.fund && (await fund(session, talk));
    const registered = await registering(session, () =>
      session.client.registerInstitution({ name, ...(service === undefined ? {} : { service }) }),
    );
    return {
      data: { ...registrationData(session, registered, funded), name },
      text: [
        done(`Registered ${name} as participant ${registered.participant}`),
        registrationFacts(session, registered),
        nextOfOthers(`the authority licenses it: chartchain authority license --institution ${registered.participant}`),
      ].join("\n"),
    };
  },
});
