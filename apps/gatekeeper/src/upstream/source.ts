import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { FhirServer, parseLiteral, type FhirServerOptions } from "chartchain/fhir";

import type { Config } from "../config.js";
import { readExact, writeExact } from "../store/exact-json.js";
import { openDoor } from "./door.js";

/** A resource of the hospital's FHIR server, as it sent it. */
export interface Sent {
  type: string;
  id: string;
  json: string;
}

/** The hospital's FHIR server, asked through the one outbound door. */
export interface Source {
  /** Without a slash at its end. */
  base: string;
  /** For whole reads: patient with a server that is busy. */
  options: FhirServerOptions;
  /**
   * Resources as they are now, for somebody who waits; what is missing isn't there any more.
   *
   * @throws FHIR_SERVER_…, UPSTREAM_ADDRESS_REFUSED
   */
  now(names: readonly { type: string; id: string }[], signal?: AbortSignal): Promise<Sent[]>;
}

/** So long somebody who waits for an answer waits for that server, and so long it may think before it is asked again, in milliseconds. */
const FOR_AN_ANSWER = { timeout: 5_000, longestPause: 250 };
/** So many ids stand in one URL. */
const IDS = 50;
/** So many requests are under way for one answer. */
const AT_ONCE = 4;

/** @throws FHIR_SERVER_URL_INVALID */
export function openSource(
  { url, addresses, tokenFile }: NonNullable<Config["upstream"]>,
  longestPause?: number,
): Source {
  const options: FhirServerOptions = {
    ...{ url, allowHttp: true, fetch: openDoor(addresses) },
    ...(longestPause === undefined ? {} : { longestPause }),
    headers: () =>
      tokenFile === undefined ? {} : { authorization: `Bearer ${readFileSync(tokenFile, "utf8").trim()}` },
  };
  const { base } = new FhirServer(options);
  return {
    ...{ base, options },
    async now(names, signal) {
      const server = new FhirServer({ ...options, ...FOR_AN_ANSWER, ...(signal === undefined ? {} : { signal }) });
      const tasks = [...Map.groupBy(names, ({ type }) => type)].flatMap(([type, list]) => {
        const ids = [...new Set(list.map(({ id }) => id))];
        // Many servers search no Binary.
        if (type === "Binary") return ids.map((id) => () => readOne(server, type, id));
        return chunksOf(ids).map((some) => () => searchFor(server, type, some));
      });
      const found: Sent[] = [];
      const next = async (): Promise<void> => {
        for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) found.push(...(await task()));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, next));
      return found;
    },
  };
}

/** A read. Source: https://hl7.org/fhir/R4/http.html#read */
async function readOne(server: FhirServer, type: string, id: string): Promise<Sent[]> {
  const path = `${type}/${id}`;
  const { status, headers, text } = await server.json(path);
  if (status === 404 || status === 410) return [];
  if (status !== 200) throw server.refused(status, path, headers);
  const sent = sentIn(server, text);
  return sent.type === type && sent.id === id ? [sent] : [];
}

/** What a search by ids finds. Whatever else comes is left aside. Source: https://hl7.org/fhir/R4/search.html#id */
async function searchFor(server: FhirServer, type: string, ids: readonly string[]): Promise<Sent[]> {
  const found: Sent[] = [];
  const query = new URLSearchParams({ _id: ids.join(","), _count: String(ids.length) });
  for await (const { entry } of pagesOf(server, `${type}?${query.toString()}`)) {
    for (const { resource } of listOf(entry) as { resource?: object }[]) {
      const sent = resource === undefined ? undefined : sentOf(resource);
      if (sent?.type === type && ids.includes(sent.id)) found.push(sent);
    }
  }
  return found;
}

/** What became of a resource. */
export type Change = Sent | { type: string; id: string; json: undefined };

/**
 * What changed on a server since an instant, deletions too, by its history, the newest first and each resource once; undefined where
 * it has none of all resources. Source: https://hl7.org/fhir/R4/http.html#history
 *
 * @throws FHIR_SERVER_…, UPSTREAM_ADDRESS_REFUSED
 */
export async function changesSince(
  { options }: Source,
  since: string,
  signal: AbortSignal,
): Promise<{ changes: AsyncGenerator<Change>; now: string } | undefined> {
  const server = new FhirServer({ ...options, signal });
  const { status, headers, text } = await server.json("metadata");
  if (status !== 200) throw server.refused(status, "metadata", headers);
  const { rest } = objectIn(server, text) as { rest?: unknown };
  const [{ interaction } = {}] = listOf(rest) as { interaction?: unknown }[];
  if (!(listOf(interaction) as { code?: string }[]).some(({ code }) => code === "history-system")) return undefined;
  const time = Date.parse(headers.get("date") ?? "");
  const now = new Date((Number.isNaN(time) ? Date.now() : time) - OVERLAP).toISOString();
  return { changes: historyOf(server, since), now };
}

/** What was being written while it was asked comes the next time, in milliseconds. */
const OVERLAP = 60_000;

async function* historyOf(server: FhirServer, since: string): AsyncGenerator<Change> {
  const told = new Set<string>();
  const query = new URLSearchParams({ _since: since, _count: "200" });
  for await (const { entry } of pagesOf(server, `_history?${query.toString()}`)) {
    for (const { request, fullUrl, resource } of listOf(entry) as HistoryEntry[]) {
      const sent = resource === undefined ? undefined : sentOf(resource);
      const named = [fullUrl, request?.url].map((url) => parseLiteral(url ?? "")).find((one) => one !== undefined);
      const name = sent ?? named;
      if (name === undefined || told.has(`${name.type}/${name.id}`)) continue;
      told.add(`${name.type}/${name.id}`);
      if (request?.method === "DELETE") yield { type: name.type, id: name.id, json: undefined };
      else if (sent !== undefined) yield sent;
    }
  }
}

interface HistoryEntry {
  fullUrl?: string;
  resource?: object;
  request?: { method?: string; url?: string };
}

/** The Bundles of a search or a history, by their links. Source: https://hl7.org/fhir/R4/http.html#paging */
async function* pagesOf(server: FhirServer, first: string): AsyncGenerator<{ entry?: unknown }> {
  const seen = new Set<string>();
  for (let next: string | undefined = first; next !== undefined;) {
    if (seen.has(next)) throw server.unreadable("a page leads to an earlier one");
    seen.add(next);
    // What a server found a moment ago isn't what it has now.
    const { status, headers, text } = await server.json(next, { "cache-control": "no-cache" });
    if (status !== 200) throw server.refused(status, next, headers);
    const bundle = objectIn(server, text) as { resourceType?: string; entry?: unknown; link?: unknown };
    if (bundle.resourceType !== "Bundle") throw server.unreadable("it gives no Bundle");
    yield bundle;
    const link = (listOf(bundle.link) as { relation?: string; url?: string }[]).find((one) => one.relation === "next");
    next = link?.url === undefined ? undefined : server.own(link.url);
  }
}

function sentIn(server: FhirServer, text: string): Sent {
  const sent = sentOf(objectIn(server, text));
  if (sent === undefined) throw server.unreadable("it is no resource with an id");
  return sent;
}

/** What a resource is called. */
export function sentOf(resource: object): Sent | undefined {
  const { resourceType: type, id } = resource as { resourceType?: unknown; id?: unknown };
  if (typeof type !== "string" || typeof id !== "string" || parseLiteral(`${type}/${id}`) === undefined)
    return undefined;
  return { type, id, json: writeExact(resource) };
}

/** What a server calls the version of a resource; where it doesn't, what the resource says. Source: https://hl7.org/fhir/R4/resource.html#Meta */
export function stampOf({ json }: Pick<Sent, "json">): string {
  const { meta } = JSON.parse(json) as { meta?: { versionId?: unknown; lastUpdated?: unknown } };
  const said = [meta?.versionId, meta?.lastUpdated].filter((each) => typeof each === "string");
  return said.length > 0 ? said.join(" ") : createHash("sha256").update(json).digest("base64url");
}

function objectIn(server: FhirServer, text: string): object {
  try {
    const value = readExact(text);
    if (typeof value === "object" && value !== null) return value;
  } catch (cause) {
    throw server.unreadable("it is no JSON", cause);
  }
  throw server.unreadable("it is no object");
}

const listOf = (value: unknown): object[] =>
  Array.isArray(value) ? (value as unknown[]).filter((one) => typeof one === "object" && one !== null) : [];

function chunksOf(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / IDS) }, (_, at) => ids.slice(at * IDS, (at + 1) * IDS));
}
