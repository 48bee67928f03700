import { readConfiguration } from "../../actor/profile.js";
import { command } from "../../line/command.js";
import { count, done, next, table } from "../../terminal/tables.js";

export default command({
  purpose: "Shows the profiles of this machine: role, network and home folder. The usual one acts where none is named.",
  flags: {},
  examples: [""],
  aboutProfiles: true,
  async run(_, { environment }) {
    const configuration = readConfiguration(environment);
    const profiles = Object.entries(configuration.profiles).map(([name, { role, network, home }]) => ({
      name,
      role,
      network: network ?? configuration.network,
      home,
      usual: name === configuration.default,
    }));
    return {
      data: { profiles },
      text: [
        done(count(profiles.length, "profile")),
        profiles.length === 0
          ? next("chartchain init")
          : table(
              ["name", "role", "network", "home"],
              profiles.map(({ name, role = "", network = "", home = "", usual }) => [
                usual ? `${name} (usual)` : name,
                role,
                network,
                home,
              ]),
            ),
      ].join("\n"),
    };
  },
});
