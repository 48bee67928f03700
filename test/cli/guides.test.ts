import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { ROOT } from "./local-node.js";
import { run } from "./run-step.js";

/** The sources' program, or the one that `npm run test:package` installed. */
const INSTALLED = process.env["CHARTCHAIN_PROGRAM"];
/** In this order: each goes on where the ones before it ended. The gatekeeper isn't in the package. */
const PAGES = [
  ...["start", "provider", "patient", "authority", "researcher"],
  ...(INSTALLED === undefined ? ["gatekeeper"] : []),
];

/** The commands of a page, a here-document with the command that it belongs to. */
function commandsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, "docs", "guides", `${page}.md`), "utf8");
  const lines = [...text.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block]) => block!.trim().split("\n"));
  const commands: string[] = [];
  let document: string | undefined;
  for (const line of lines) {
    if (document === undefined) commands.push(line);
    else commands[commands.length - 1] += `\n${line}`;
    document = document === undefined ? /<<'?(\w+)'?$/.exec(line)?.[1] : line === document ? undefined : document;
  }
  return commands;
}

const MAIN =
  INSTALLED === undefined ? ["--import", import.meta.resolve("tsx"), join(ROOT, "src", "cli", "main.ts")] : [INSTALLED];

/** Keeps what a command sets for the next one. */
const SHELL = `chartchain() { "$NODE" ${MAIN.join(" ")} "$@"; }
chartchain-gatekeeper() { TSX_TSCONFIG_PATH="$TSCONFIG" "$NODE" --import ${import.meta.resolve("tsx")} "$GATEKEEPER" "$@"; }
node() { "$NODE" "$@"; }
[ -f "$STATE" ] && . "$STATE"
eval "$1"; code=$?
{ export -p; declare -p RECORD WRONG UNIVERSITY CODE ACCOUNT 2>/dev/null; } > "$STATE"
exit $code`;

describe("the guides, each command in a shell, in an empty folder", () => {
  let folder: string;
  let port: string;
  let network: ChildProcess;
  let environment: Record<string, string>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "chartchain-guides-"));
    environment = {
      HOME: folder,
      NODE: process.execPath,
      STATE: join(folder, "shell-state"),
      TSCONFIG: join(ROOT, "tsconfig.json"),
      GATEKEEPER: join(ROOT, "apps", "gatekeeper", "src", "main.ts"),
      CHARTCHAIN_TEST_SCRYPT_COST: "10",
      COLUMNS: "80",
    };
    network = await startNetwork();
  });

  after(async () => {
    network.kill("SIGINT");
    if (network.exitCode === null) await once(network, "exit");
    await rm(folder, { recursive: true, force: true });
  });

  /** What the page has for the first terminal, on a port that is free. */
  async function startNetwork(): Promise<ChildProcess> {
    port = await freePort();
    const program = [...MAIN, "network", "start", "--port", port];
    const child = spawn(process.execPath, program, {
      cwd: folder,
      env: { PATH: process.env["PATH"], ...environment, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      said += chunk.toString("utf8");
      if (said.includes("until Ctrl-C")) return child;
    }
    throw new Error(`the network didn't start: ${said}`);
  }

  for (const page of PAGES) {
    describe(page, () => {
      for (const command of commandsOf(page)) {
        it(command.split("\n")[0]!, async () => {
          const { code, stdout, stderr } = await run(
            "bash",
            ["-c", SHELL, "bash", command.replaceAll("127.0.0.1:8545", `127.0.0.1:${port}`)],
            environment,
            folder,
          );
          expect(code, stdout + stderr).to.equal(0);
          if (command.includes("Refused, as it should be")) expect(stdout).to.include("Refused, as it should be.");
          const lines = `${stdout}${stderr}`.replaceAll(folder, "~").split("\n");
          for (const line of lines.filter((each) => /^(Next:)? +chartchain /.test(each)))
            expect(line, "a shell finds nothing of its own in what is to be pasted").not.to.match(/[|()<>;&…]/);
          // One word isn't broken: what has to be copied whole.
          if (command.startsWith("chartchain ")) {
            expect(lines.filter((line) => line.length > 80 && line.includes(" "))).to.deep.equal([]);
          }
        });
      }
    });
  }

  it("shows in README what the first page does", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const shown = [...readme.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block]) => block!.trim().split("\n"));
    const commands = shown.map((line) => line.replace(/\s+#.*$/, "")).filter((line) => line.startsWith("chartchain "));
    expect(commands.length).to.be.greaterThan(8);
    const known = commandsOf("start");
    for (const command of commands) expect(known, command).to.include(command);
  });
});

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}
