import { command } from "../line/command.js";
import { COMPLETION_SCRIPTS } from "../line/completion-scripts.js";
import { choice } from "../line/flag-kinds.js";
import { required } from "../line/flags.js";

const SHELLS = Object.keys(COMPLETION_SCRIPTS) as (keyof typeof COMPLETION_SCRIPTS)[];

export default command({
  purpose:
    "Prints what a shell reads to complete commands, flags, values, and the names of profiles and networks. bash: add `source <(chartchain completion bash)` to ~/.bashrc. zsh: the same in ~/.zshrc, after compinit. fish: write it to ~/.config/fish/completions/chartchain.fish.",
  flags: { shell: required(choice("SHELL", SHELLS), `which: ${SHELLS.join(", ")}`) },
  operand: "shell",
  examples: ["bash", "zsh", "fish"],
  aboutProfiles: true,
  async run({ shell }) {
    const script = COMPLETION_SCRIPTS[shell];
    return { data: { shell, script }, text: script.trimEnd(), verbatim: true };
  },
});
