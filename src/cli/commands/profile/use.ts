import { changeConfiguration, profileNamed } from "../../actor/profile.js";
import { command } from "../../line/command.js";
import { profileName } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { done } from "../../terminal/tables.js";

export default command({
  purpose: "Makes a profile the usual one: it acts where neither --profile nor CHARTCHAIN_PROFILE names another.",
  flags: { name: required(profileName, "the profile") },
  operand: "name",
  examples: ["alice"],
  aboutProfiles: true,
  async run({ name }, { environment }) {
    await changeConfiguration(environment, (present) => {
      profileNamed(name, present);
      return { ...present, default: name };
    });
    return { data: { profile: name }, text: done(`The usual profile is ${name}`) };
  },
});
