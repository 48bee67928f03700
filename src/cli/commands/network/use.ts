import { changeConfiguration, networkNamed } from "../../actor/profile.js";
import { command } from "../../line/command.js";
import { networkName } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { caution, done } from "../../terminal/tables.js";

export default command({
  purpose: "Makes a network the usual one: it counts where no profile names another.",
  flags: { name: required(networkName, "the network") },
  operand: "name",
  examples: ["local"],
  aboutProfiles: true,
  async run({ name }, { environment }) {
    const { profiles } = await changeConfiguration(environment, (present) => {
      networkNamed(name, present);
      return { ...present, network: name };
    });
    const elsewhere = Object.entries(profiles).filter(([, { network = name }]) => network !== name);
    return {
      data: { network: name },
      text: [
        done(`The usual network is ${name}`),
        ...elsewhere.map(([profile, { network }]) => caution(`Profile ${profile} stays on its own one, ${network}.`)),
      ].join("\n"),
    };
  },
});
