import { changeConfiguration, profileNamed, without } from "../../actor/profile.js";
import { command } from "../../line/command.js";
import { profileName } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { done, facts } from "../../terminal/tables.js";

export default command({
  purpose: "Forgets a profile. Its home folder stays, with wallet and vault; nothing changes on the chain.",
  flags: { name: required(profileName, "the profile") },
  operand: "name",
  examples: ["alice"],
  aboutProfiles: true,
  async run({ name }, { environment }) {
    let home: string | undefined;
    await changeConfiguration(environment, ({ default: usual, ...present }) => {
      ({ home } = profileNamed(name, present));
      const profiles = without(present.profiles, name);
      return { ...present, ...(usual === name || usual === undefined ? {} : { default: usual }), profiles };
    });
    return {
      data: { name, home },
      text: [done(`Forgot the profile ${name}`), facts({ "home folder, which stays": home })].join("\n"),
    };
  },
});
