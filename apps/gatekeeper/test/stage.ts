import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Actor, Devnet } from "chartchain/devnet";
import { encryptKeystoreJsonSync } from "ethers";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const MAIN = [process.execPath, "--import", "tsx", "apps/gatekeeper/src/main.ts"] as const;

/** By what the hospital's own systems ask. */
export const STAFF = "staff-secret-of-the-tests";

/** What stands between a gatekeeper and its node, so that the node can be out of reach, or refuse. */
export interface Line {
  url: string;
  isCut: boolean;
  /** What every call is answered with instead of the node's answer. Source: https://www.jsonrpc.org/specification#error_object */
  error?: { code: number; message: string } | undefined;
  close(): void;
}

/** Passes every request on to a node, unless it is cut or answers with an error of its own. */
export async function lineTo(url: string): Promise<Line> {
  const server = createServer((request, response) => {
    if (line.isCut) return void request.socket.destroy();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = { "content-type": "application/json" };
      const body = Buffer.concat(chunks);
      if (line.error !== undefined) {
        const asked = JSON.parse(body.toString("utf8")) as { id: unknown } | { id: unknown }[];
        const refusal = ({ id }: { id: unknown }) => ({ jsonrpc: "2.0", id, error: line.error });
        return void response.end(JSON.stringify(Array.isArray(asked) ? asked.map(refusal) : refusal(asked)));
      }
      fetch(url, { method: "POST", headers, body })
        .then(async (answer) => response.end(await answer.text()))
        .catch(() => response.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const line: Line = { url: `http://127.0.0.1:${port}`, isCut: false, close };
  return line;
}

/** What clients know a gatekeeper by, also before it listens and after it was started anew: a hospital's own proxy. */
export interface Front {
  url: string;
  /** Where the gatekeeper listens; undefined: nowhere. */
  target: string | undefined;
  close(): void;
}

/** Passes every request on to where a gatekeeper listens. */
export async function frontOfGatekeeper(): Promise<Front> {
  const server = createServer((request, response) => {
    const { method, headers, url } = request;
    if (front.target === undefined) return void request.socket.destroy();
    const passed = ask(front.target + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
      answer.once("error", () => response.destroy());
    });
    passed.once("error", () => request.socket.destroy());
    request.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const front: Front = { url: `http://127.0.0.1:${port}`, target: undefined, close };
  return front;
}

/** A gatekeeper's folder: its configuration, and the institution's home. Its vault is closed: the service has it from now on. */
export function setUp(
  world: Devnet,
  hospital: Actor,
  folder: string,
  { rpc = world.url, finality = 0, ...more }: { rpc?: string; finality?: number; [more: string]: unknown } = {},
): { config: string; data: string } {
  hospital.vault.close();
  const home = join(folder, "home");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  renameSync(hospital.home, join(home, String(world.deployment.chainId)));
  // The passphrase is 256 random bits: scrypt has nothing to slow down.
  const wallet = encryptKeystoreJsonSync(hospital.wallet, hospital.passphrase, { scrypt: { N: 2 } });
  writeFileSync(join(home, "wallet.json"), wallet, { mode: 0o600 });
  writeFileSync(join(folder, "deployment.json"), JSON.stringify(world.deployment));
  writeFileSync(join(folder, "staff"), `${STAFF}\n`, { mode: 0o600 });
  const config = join(folder, "gatekeeper.json");
  writeFileSync(
    config,
    JSON.stringify({
      listen: { port: 0 },
      publicUrl: "http://gatekeeper.hospital.example",
      chain: { rpc, deployment: "deployment.json", finality },
      ...{ home: "home", data: "data", staffSecretFile: "staff", ...more },
    }),
  );
  return { config, data: join(folder, "data") };
}

/** What a command of the program printed, and its exit code. */
export async function command(passphrase: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const child = start(passphrase, args);
  let output = "";
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const [code] = (await once(child, "close")) as [number];
  return { code, output };
}

/** A gatekeeper that serves. */
export interface Served {
  url: string;
  process: ChildProcess;
  /** Everything that it wrote to its log. */
  log: () => string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the service as a process of its own, and waits until it listens. */
export async function serve(passphrase: string, config: string): Promise<Served> {
  const child = start(passphrase, ["start", "--config", config]);
  let said = "";
  let failed = "";
  child.stderr!.on("data", (chunk: Buffer) => (failed += chunk.toString("utf8")));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      const listening = /"what":"listening","url":"([^"]+)"/.exec(said)?.[1];
      if (listening !== undefined) resolve(listening);
    });
    child.once("close", (code) => reject(new Error(`the gatekeeper ended with ${String(code)}: ${said}${failed}`)));
  });
  return {
    url,
    process: child,
    log: () => said + failed,
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const closed = once(child, "close");
      child.kill(signal);
      await closed;
      return child.exitCode;
    },
  };
}

function start(passphrase: string, args: readonly string[]): ChildProcess {
  const [program, ...first] = MAIN;
  return spawn(program, [...first, ...args], {
    cwd: ROOT,
    env: { ...process.env, CHARTCHAIN_PASSPHRASE: passphrase },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Signs in, and asks from then on as that participant. */
export const signedIn = async (url: string, actor: Actor, purpose = "TREAT"): Promise<Reader> =>
  reader(url, await signIn(url, actor, purpose));

/** Signs in. @returns the token */
export async function signIn(url: string, { wallet }: Actor, purpose = "TREAT"): Promise<string> {
  const post = async (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, string>;
  };
  const { message, secret } = await post("/sign-in/challenge", { account: wallet.address, purpose });
  const signature = await wallet.signMessage(message!);
  const { access_token: token } = await post("/sign-in", { message, secret, signature });
  return token!;
}

/** Asks with a token. */
export type Reader = (path: string, init?: RequestInit) => Promise<{ status: number; headers: Headers; json: Json }>;

/** Whatever was answered. */
export interface Json {
  resourceType?: string;
  id?: string;
  total?: number;
  entry?: { fullUrl?: string; resource?: Json; response?: { status: string }; search?: { mode: string } }[];
  link?: { relation: string; url: string }[];
  [name: string]: unknown;
}

export const reader =
  (url: string, token: string): Reader =>
  async (path, init = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) };
    const answer = await fetch(url + path, { ...init, headers });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: text === "" ? {} : (JSON.parse(text) as Json) };
  };
