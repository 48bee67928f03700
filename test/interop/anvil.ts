import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { HDNodeWallet } from "ethers";

/** How long a node may take to listen, in milliseconds. */
const START_LIMIT = 60_000;

/** The phrase whose accounts anvil holds the keys of, known to everyone. */
const PHRASE = "test test test test test test test test test test test junk";

/** Foundry's node, which signs with alloy. */
export interface Anvil {
  version: string;
  wallet: HDNodeWallet;
  call: <Result>(method: string, params: unknown[]) => Promise<Result>;
  stop: () => void;
}

/** Starts anvil on loopback and a free port, or says in one line why there is none. It ends with this process. */
export async function startAnvil(): Promise<Anvil | { reason: string }> {
  const binary = findBinary();
  if (binary === undefined) return { reason: "@foundry-rs/anvil has no binary for this machine" };
  const child = spawn(binary, ["--host", "127.0.0.1", "--port", "0", "--accounts", "1"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => void child.kill("SIGKILL");
  process.once("exit", stop);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

  const url = `http://${await listeningAt(child).catch((error: unknown) => {
    stop();
    throw error;
  })}`;
  let id = 0;
  const call = async <Result>(method: string, params: unknown[]): Promise<Result> => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }),
      signal: AbortSignal.timeout(START_LIMIT),
    });
    const { result, error } = (await response.json()) as { result: Result; error?: { message: string } };
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const version = (await call<string>("web3_clientVersion", [])).replace(/^anvil\/v?/, "");
  return { version, wallet: HDNodeWallet.fromPhrase(PHRASE), call, stop };
}

/** The binary itself: npm's wrapper around it would leave it running when it is killed. */
function findBinary(): string | undefined {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const name = process.platform === "win32" ? "anvil.exe" : "anvil";
  try {
    const wrapper = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
    const system = process.platform;
    return createRequire(wrapper).resolve(`@foundry-rs/anvil-${system}-${architecture}/bin/${name}`);
  } catch {
    return undefined;
  }
}

async function listeningAt(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("anvil does not listen")), START_LIMIT);
    const said: string[] = [];
    child.stderr?.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`anvil ended with ${code}: ${said.join("")}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /^Listening on (\S+)/.exec(line)?.[1];
      if (address === undefined) return;
      clearTimeout(late);
      resolve(address);
    });
  });
}
