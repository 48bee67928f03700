import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A FHIR server of a few lines on this machine: search with pages, and Bulk Data export after its implementation guide. */
export interface SmallFhirServer {
  /** Its base. */
  url: string;
  /** What it has, by `Type/id`. */
  resources: Map<string, Stored>;
  /** Names of what was deleted since. */
  deleted: string[];
  /** Whether its CapabilityStatement names an export. */
  exports: boolean;
  /** Every request that it got: method and path with query. */
  requests: string[];
  /** Answers a request in place of the server: headers and body, or `undefined` to let it. */
  before: (
    request: IncomingMessage,
  ) => { status: number; headers?: Record<string, string>; body?: string } | "hang up" | undefined;
  /** Puts a resource, in a new version. */
  put(...resources: object[]): void;
  close(): Promise<void>;
}

type Stored = { resourceType: string; id: string; meta: { versionId: string; lastUpdated: string } };

const PAGE = 3;

/**
 * Starts it on a free port.
 *
 * @param token that it wants to see in each request
 */
export async function startFhirServer(token = "secret"): Promise<SmallFhirServer> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  let clock = Date.parse("2026-01-01T00:00:00Z");
  const jobs = new Map<string, { files: Map<string, string>; manifest: object; polls: number }>();
  const server: SmallFhirServer = {
    ...{ url: `${origin}/fhir`, resources: new Map(), deleted: [], exports: true, requests: [] },
    before: () => undefined,
    put(...resources) {
      for (const resource of resources as Stored[]) {
        const name = `${resource.resourceType}/${resource.id}`;
        const versionId = String(Number(this.resources.get(name)?.meta.versionId ?? 0) + 1);
        const lastUpdated = new Date((clock += 1_000)).toISOString();
        this.resources.set(name, { ...resource, meta: { versionId, lastUpdated } });
      }
    },
    close: () => new Promise((resolve) => (http.closeAllConnections(), http.close(() => resolve()))),
  };
  const since = (given: string | null) =>
    [...server.resources.values()].filter(({ meta }) => meta.lastUpdated >= (given ?? ""));

  http.on("request", (request, response) => {
    const url = new URL(request.url!, origin);
    server.requests.push(`${request.method} ${request.url}`);
    const instead = server.before(request);
    if (instead === "hang up") return void request.socket.destroy();
    const answer = (status: number, body: unknown = "", headers: Record<string, string> = {}) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      response.writeHead(status, {
        "content-type": "application/fhir+json",
        date: new Date(clock).toUTCString(),
        ...headers,
      });
      response.end(text);
    };
    if (instead !== undefined) return answer(instead.status, instead.body, instead.headers);
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401);
    const path = url.pathname.replace(/^\/fhir\//, "");
    if (path === "metadata") {
      const types = new Set([...server.resources.values()].map(({ resourceType }) => resourceType));
      const operation = server.exports
        ? [{ name: "export", definition: "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export" }]
        : [];
      const resource = [...types, "ValueSet"].map((type) => ({ type }));
      return answer(200, {
        resourceType: "CapabilityStatement",
        fhirVersion: "4.0.1",
        rest: [{ mode: "server", operation, resource }],
      });
    }
    if (path === "$export") {
      if (request.headers["prefer"] !== "respond-async") return answer(400);
      const found = since(url.searchParams.get("_since"));
      const files = new Map<string, string>();
      for (const type of new Set(found.map(({ resourceType }) => resourceType))) {
        const lines = found
          .filter(({ resourceType }) => resourceType === type)
          .map((each) => `${JSON.stringify(each)}\n`);
        files.set(type, lines.join(""));
      }
      const entry = server.deleted.map((each) => ({ request: { method: "DELETE", url: each } }));
      if (entry.length > 0)
        files.set("deleted", `${JSON.stringify({ resourceType: "Bundle", type: "transaction", entry })}\n`);
      const id = `job-${jobs.size + 1}`;
      const list = (isDeleted: boolean) =>
        [...files.keys()].flatMap((type) =>
          (type === "deleted") === isDeleted
            ? [{ type: isDeleted ? "Bundle" : type, url: `${origin}/fhir/jobs/${id}/${type}` }]
            : [],
        );
      const transactionTime = new Date((clock += 1_000)).toISOString();
      const manifest = {
        transactionTime,
        request: url.href,
        requiresAccessToken: true,
        output: list(false),
        deleted: list(true),
        error: [],
      };
      jobs.set(id, { files, manifest, polls: 0 });
      return answer(202, "", { "content-location": `${origin}/fhir/jobs/${id}` });
    }
    const [, id = "", file] = /^jobs\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
    const job = jobs.get(id);
    if (path.startsWith("jobs/") && job === undefined) return answer(404);
    if (job !== undefined && request.method === "DELETE") return void (jobs.delete(id), answer(202));
    if (job !== undefined && file === undefined) {
      job.polls += 1;
      return job.polls < 2 ? answer(202, "", { "retry-after": "0", "x-progress": "half" }) : answer(200, job.manifest);
    }
    if (job !== undefined)
      return answer(200, job.files.get(file!) ?? "", { "content-type": "application/fhir+ndjson" });
    const from = Number(url.searchParams.get("from") ?? 0);
    const all = since(url.searchParams.get("_lastUpdated")?.replace(/^ge/, "") ?? null).filter(
      ({ resourceType }) => resourceType === path,
    );
    url.searchParams.set("from", String(from + PAGE));
    const link = from + PAGE < all.length ? [{ relation: "next", url: url.href }] : [];
    const entry = all
      .slice(from, from + PAGE)
      .map((resource) => ({ fullUrl: `${origin}/fhir/${path}/${resource.id}`, resource }));
    return answer(200, {
      resourceType: "Bundle",
      type: "searchset",
      total: all.length,
      link,
      ...(entry.length > 0 && { entry }),
    });
  });
  return server;
}
