import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const TOOL = fileURLToPath(new URL("../../../../tools/hapi/hapi.mjs", import.meta.url));

/** A HAPI FHIR server of a test's own, empty at first. */
export interface Hapi {
  url: string;
  /** Sends a resource to a path, or a transaction to the base. */
  send(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<{ status: number; json: unknown }>;
  close(): Promise<void>;
}

/** Starts one if this machine has got it before; it ends with this process, however that ends. */
export async function startHapi(): Promise<Hapi | { reason: string }> {
  const child = spawn(process.execPath, [TOOL, "--here"], { stdio: ["pipe", "pipe", "pipe"] });
  const said = text(child.stderr);
  const ended = once(child, "close");
  const line = once(createInterface({ input: child.stdout }), "line") as Promise<[string]>;
  const [url] = await Promise.race([line, ended]);
  if (typeof url !== "string") {
    const [, reason = "it ended without a word"] = /^No HAPI FHIR: (.*)$/m.exec(await said) ?? [];
    return { reason };
  }
  return {
    url,
    async send(method, path, body) {
      const headers = { "content-type": "application/fhir+json" };
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const answer = await fetch(path === "" ? url : `${url}/${path}`, init);
      return { status: answer.status, json: await answer.json() };
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
