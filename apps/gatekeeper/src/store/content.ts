import { createHash } from "node:crypto";
import { type Exact, readExact, writeExact } from "./exact-json.js";

/** A resource's text in the parts that the store keeps. */
export interface Content {
  type: string;
  id: string;
  /** Without `versionId` and `lastUpdated`: the store gives its own. */
  meta: string;
  body: string;
}

/** Takes a resource apart. What its source said of its own versions isn't content. */
export function contentOf(id: string, resource: Record<string, Exact>): Content {
  const meta = without((resource["meta"] ?? {}) as Record<string, Exact>, "versionId", "lastUpdated");
  const body = without(resource, "resourceType", "id", "meta");
  return { type: resource["resourceType"] as string, id, meta: writeExact(meta), body: writeExact(body) };
}

function without(members: Record<string, Exact>, ...names: string[]): Record<string, Exact> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

/** The same, of JSON text. */
export function contentOfText(id: string, json: string): Content {
  return contentOf(id, readExact(json) as Record<string, Exact>);
}

/** What tells two contents of one resource apart. */
export function hashOf({ meta, body }: Content): string {
  return createHash("sha256")
    .update(JSON.stringify([meta, body]))
    .digest("hex");
}

/** The resource as JSON, with the store's own version where one is given. */
export function jsonOf({ type, id, meta, body }: Content, version?: { versionId: string; updated: number }): string {
  const own =
    version === undefined
      ? ""
      : `"versionId":"${version.versionId}","lastUpdated":"${new Date(version.updated).toISOString()}"`;
  const kept = meta.slice(1, -1);
  const members = [own, kept].filter((text) => text !== "").join(",");
  const parts = [`"resourceType":"${type}"`, `"id":"${id}"`];
  if (members !== "") parts.push(`"meta":{${members}}`);
  if (body !== "{}") parts.push(body.slice(1, -1));
  return `{${parts.join(",")}}`;
}
