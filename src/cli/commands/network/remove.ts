import { changeConfiguration, networkNamed, without } from "../../actor/profile.js";
import { command } from "../../line/command.js";
import { networkName } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { done } from "../../terminal/tables.js";
import { ChartChainError } from "../../../errors/index.js";

export default command({
  purpose: "Forgets a network. Its deployment file and everybody's homes stay. Refused while a profile is on it.",
  flags: { name: required(networkName, "the network") },
  operand: "name",
  examples: ["hospitals"],
  aboutProfiles: true,
  async run({ name }, { environment }) {
    await changeConfiguration(environment, (present) => {
      networkNamed(name, present);
      const users = Object.entries(present.profiles).filter(([, { network }]) => network === name);
      if (users.length > 0)
        throw inUse(
          name,
          users.map(([profile]) => profile),
        );
      const networks = without(present.networks, name);
      const { network, ...others } = present;
      return { ...others, ...(network === name || network === undefined ? {} : { network }), networks };
    });
    return { data: { name }, text: done(`Forgot the network ${name}`) };
  },
});

const inUse = (name: string, profiles: string[]) =>
  new ChartChainError("NETWORK_IN_USE", `profiles are on network ${name}: ${profiles.join(", ")}`, {
    details: { name, profiles },
    hint: "Remove them first: chartchain profile remove NAME.",
  });
