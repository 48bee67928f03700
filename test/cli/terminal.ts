import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

import { ROOT } from "./local-node.js";
import { asProcess, type Stage } from "./run-step.js";

/** Whether there is the program that gives another one a terminal. */
export const hasTerminal = (): boolean => /util-linux/.test(String(spawnSync("script", ["--version"]).stdout));

/**
 * Runs a step on a terminal and types answers when its questions appear.
 *
 * @returns the exit code, and everything that the screen showed
 */
export async function onTerminal(
  stage: Stage,
  name: string,
  args: readonly string[],
  answers: [question: string, answer: string][],
): Promise<{ code: number; screen: string }> {
  const quoted = asProcess(name, args)
    .flat()
    .map((word) => `'${word}'`)
    .join(" ");
  const environment: NodeJS.ProcessEnv = { ...process.env, ...stage.environment, TERM: "xterm" };
  delete environment["CHARTCHAIN_PASSPHRASE"];
  const child = spawn("script", ["--quiet", "--return", "--command", quoted, "/dev/null"], {
    cwd: ROOT,
    env: environment,
  });
  let screen = "";
  const open = [...answers];
  child.stdout.on("data", (chunk: Buffer) => {
    screen += chunk.toString("utf8");
    const [next] = open;
    if (next === undefined || !screen.includes(next[0])) return;
    open.shift();
    child.stdin.write(`${next[1]}\r`);
  });
  const [code] = (await once(child, "exit")) as [number];
  return { code, screen };
}
