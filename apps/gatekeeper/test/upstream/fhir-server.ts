import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Version {
  type: string;
  id: string;
  version: number;
  updated: string;
  /** None for a deletion. */
  resource: object | undefined;
}

/** A small FHIR R4 server, which can misbehave. What a real one does is tried with HAPI. */
export interface SmallServer {
  url: string;
  put(...resources: object[]): void;
  delete(...names: string[]): void;
  /** What was asked, as method and path. */
  asked: string[];
  /** The authorization of each request. */
  authorizations: (string | undefined)[];
  /** Answers in its place where it takes a request. */
  instead: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

/** So many resources stand on a page. */
const PAGE = 3;

/** @param hasHistory whether it has a history of everything */
export async function startSmallServer({ hasHistory = true }: { hasHistory?: boolean } = {}): Promise<SmallServer> {
  const versions: Version[] = [];
  let clock = Date.parse("2026-01-01T00:00:00Z");
  const current = () => [...new Map(versions.map((one) => [`${one.type}/${one.id}`, one])).values()];
  const told = ({ resource, version, updated }: Version) => {
    const { meta } = resource as { meta?: object };
    return { ...resource, meta: { ...meta, versionId: String(version), lastUpdated: updated } };
  };
  const add = (type: string, id: string, resource: object | undefined): void => {
    const version = versions.filter((one) => one.type === type && one.id === id).length + 1;
    clock = Math.max(clock + 1, Date.now());
    versions.push({ type, id, version, updated: new Date(clock).toISOString(), resource });
  };
  const pageOf = (path: string, entries: object[], query: URLSearchParams) => {
    const from = Number(query.get("from") ?? 0);
    const rest = new URLSearchParams(query);
    rest.set("from", String(from + PAGE));
    const link =
      from + PAGE < entries.length ? [{ relation: "next", url: `${server.url}/${path}?${rest.toString()}` }] : [];
    return { resourceType: "Bundle", type: "searchset", link, entry: entries.slice(from, from + PAGE) };
  };

  const http = createServer((request, response) => {
    server.asked.push(`${request.method} ${request.url}`);
    server.authorizations.push(request.headers.authorization);
    if (server.instead?.(request, response) === true) return;
    const { pathname, searchParams: query } = new URL(request.url!, "http://localhost");
    const path = pathname.replace(/^\/fhir\//, "");
    const send = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/fhir+json" });
      response.end(JSON.stringify(body));
    };
    const [type = "", id] = path.split("/");
    if (path === "metadata") {
      const resource = [...new Set(versions.map((one) => one.type))].map((each) => ({ type: each }));
      const interaction = hasHistory ? [{ code: "history-system" }] : [];
      return send(200, {
        resourceType: "CapabilityStatement",
        fhirVersion: "4.0.1",
        rest: [{ mode: "server", interaction, resource }],
      });
    }
    if (path === "_history" && hasHistory) {
      const since = Date.parse(query.get("_since") ?? "1970");
      const entries = versions
        .filter(({ updated }) => Date.parse(updated) >= since)
        .reverse()
        .map((one) => ({
          fullUrl: `${server.url}/${one.type}/${one.id}`,
          ...(one.resource === undefined ? {} : { resource: told(one) }),
          request: { method: one.resource === undefined ? "DELETE" : "PUT", url: `${one.type}/${one.id}` },
        }));
      return send(200, pageOf("_history", entries, query));
    }
    if (id !== undefined) {
      const one = current().find((each) => each.type === type && each.id === id);
      if (one === undefined) return send(404, { resourceType: "OperationOutcome" });
      return one.resource === undefined ? send(410, { resourceType: "OperationOutcome" }) : send(200, told(one));
    }
    const since = query.get("_lastUpdated")?.replace(/^ge/, "");
    const ids = query.get("_id")?.split(",");
    const entries = current()
      .filter((one) => one.type === type && one.resource !== undefined)
      .filter((one) => since === undefined || Date.parse(one.updated) >= Date.parse(since))
      .filter((one) => ids?.includes(one.id) ?? true)
      .map((one) => ({ fullUrl: `${server.url}/${type}/${one.id}`, resource: told(one) }));
    return send(200, pageOf(type, entries, query));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const server: SmallServer = {
    url: `http://127.0.0.1:${port}/fhir`,
    put(...resources) {
      for (const resource of resources as { resourceType: string; id: string }[])
        add(resource.resourceType, resource.id, resource);
    },
    delete(...names) {
      for (const name of names) add(name.split("/")[0]!, name.split("/")[1]!, undefined);
    },
    asked: [],
    authorizations: [],
    instead: undefined,
    async close() {
      if (!http.listening) return;
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
  return server;
}
