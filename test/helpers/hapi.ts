import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const TOOL = fileURLToPath(new URL("../../tools/hapi/hapi.mjs", import.meta.url));

/** A HAPI FHIR server of a test's own, empty at first. */
export interface Hapi {
  /** Its base. */
  url: string;
  /** Puts resources under their ids, in one transaction. */
  put(...resources: object[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a server, which ends with this process, however that ends.
 *
 * @returns in one line why there is none where this machine can't have it
 */
export async function startHapi(): Promise<Hapi | { reason: string }> {
  const child = spawn(process.execPath, [TOOL], { stdio: ["pipe", "pipe", "pipe"] });
  const said = text(child.stderr);
  const ended = once(child, "close");
  const [url] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line") as Promise<[string]>,
    ended,
  ]);
  if (typeof url !== "string") {
    const [, reason = "it ended without a word"] = /^No HAPI FHIR: (.*)$/m.exec(await said) ?? [];
    return { reason };
  }
  return {
    url,
    async put(...resources) {
      const entry = (resources as { resourceType: string; id: string }[]).map((resource) => ({
        resource,
        request: { method: "PUT", url: `${resource.resourceType}/${resource.id}` },
      }));
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/fhir+json" },
        body: JSON.stringify({ resourceType: "Bundle", type: "transaction", entry }),
      });
      if (!response.ok) throw new Error(`HAPI FHIR answers ${response.status}: ${await response.text()}`);
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
