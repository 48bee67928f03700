import { isResourceType } from "chartchain/fhir";

import { notFound, Refusal } from "../http/outcome.js";
import { type Found, Refused, type Store, type Visible } from "../store/index.js";
import { type Answer, etagOf, single } from "./answer.js";
import { historyBundle, searchset } from "./bundle.js";
import { summaryOf } from "./summary.js";

/** The parameter that names a page. It is ours: whatever else is in a link to a page has to be what the first one asked. */
const PAGE = "_page";

/** What a FHIR request is: its path below the base, its parameters in their order, and what the client has already. */
export interface FhirRequest {
  /** Below the base, without a slash in front: `Observation/7`. */
  path: string;
  parameters: readonly (readonly [name: string, value: string])[];
  ifNoneMatch?: string | undefined;
  ifModifiedSince?: string | undefined;
}

/** Where the answers come from. */
export interface Asked {
  store: Store;
  /** The base of the FHIR service, as clients call it. */
  base: string;
}

/**
 * Answers a read of FHIR, over what may be seen.
 *
 * @throws Refusal for what isn't there for who asks, and for what isn't supported
 */
export async function answer({ store, base }: Asked, request: FhirRequest, visible: Visible): Promise<Answer> {
  const { path, parameters } = request;
  // No string of FHIR has one. Source: https://hl7.org/fhir/R4/datatypes.html#string
  if (parameters.flat().some((text) => text.includes("\0")))
    throw new Refusal(400, "invalid", "A parameter holds the character U+0000.");
  const [type = "", id, operation, version, ...rest] = path.split("/");
  if (!isResourceType(type) || rest.length > 0) throw notFound();
  if (id === undefined || id === "") {
    return refusing(async () => found(await search({ store, base }, type, request, visible)));
  }
  if (!ID.test(id)) throw notFound();
  if (operation === undefined) return conditional(request, await read(store, type, id, parameters, visible));
  if (operation === "_history" && version === undefined) {
    onlyFormat(parameters, "_history");
    const versions = await store.history(type, id, visible);
    if (versions === undefined) throw notFound();
    const self = `${base}/${path}`;
    return {
      ...{ status: 200, body: historyBundle(versions, { base, self }), interaction: "history-instance" },
      ...{ asked: `${type}/${id}`, found: versions },
    };
  }
  if (operation === "_history" && version !== undefined) {
    onlyFormat(parameters, "_history");
    const one = await store.vread(type, id, version, visible);
    if (one === undefined) throw notFound();
    return single("vread", requireThere(one));
  }
  if (type === "Patient" && operation === "$everything" && version === undefined) {
    return refusing(async () => {
      const { page, request: asked } = everythingOf(parameters);
      const answered = await store.everything(id, asked, visible, page);
      if (answered === undefined) throw notFound();
      const body = searchset(answered, linksOf(base, path, parameters));
      return { status: 200, body, interaction: "$everything", asked: `Patient/${id}`, found: answered.entries };
    });
  }
  if (type === "Patient" && operation === "$summary" && version === undefined) {
    onlyFormat(parameters, operation);
    const summary = await summaryOf(store, id, visible, new Date());
    if (summary === undefined) throw notFound();
    const { json: body, found } = summary;
    return { status: 200, body, interaction: operation, asked: `Patient/${id}`, found };
  }
  throw new Refusal(404, "not-supported", `${operation} isn't supported on ${type}. See ${base}/metadata.`);
}

/** Source: https://hl7.org/fhir/R4/datatypes.html#id */
const ID = /^[A-Za-z0-9.-]{1,64}$/;

async function read(
  store: Store,
  type: string,
  id: string,
  parameters: FhirRequest["parameters"],
  visible: Visible,
): Promise<Answer> {
  onlyFormat(parameters, "a read");
  const one = await store.read(type, id, visible);
  if (one === undefined) throw notFound();
  return single("read", requireThere(one));
}

/** Source: https://hl7.org/fhir/R4/http.html#read */
function requireThere(one: Found): Found & { json: string } {
  if (one.json === undefined) throw new Refusal(410, "deleted", `${one.type}/${one.id} was deleted.`);
  return one as Found & { json: string };
}

/** What the client has already isn't sent again. Source: https://hl7.org/fhir/R4/http.html#cread */
function conditional({ ifNoneMatch, ifModifiedSince }: FhirRequest, answered: Answer): Answer {
  const [only] = answered.found;
  const isKnown =
    ifNoneMatch !== undefined
      ? ifNoneMatch.split(",").some((each) => each.trim() === etagOf(only!))
      : ifModifiedSince !== undefined &&
        Math.floor(only!.updated / 1000) <= Math.floor(Date.parse(ifModifiedSince) / 1000);
  return isKnown ? { ...answered, status: 304, body: "" } : answered;
}

async function search({ store, base }: Asked, type: string, { path, parameters }: FhirRequest, visible: Visible) {
  const pages = parameters.filter(([name]) => name === PAGE);
  if (pages.length > 1) throw new Refusal(400, "invalid", `${PAGE} is there twice.`);
  const asked = withoutFormat(parameters).filter(([name]) => name !== PAGE);
  const page = await store.search({ type, parameters: asked }, visible, pages[0]?.[1]);
  return { page, type, links: linksOf(base, path, asked) };
}

const found = ({ page, type, links }: Awaited<ReturnType<typeof search>>): Answer => ({
  status: 200,
  body: searchset(page, links),
  interaction: "search-type",
  asked: type,
  found: page.entries,
});

function linksOf(base: string, path: string, parameters: FhirRequest["parameters"]) {
  const url = (more: readonly (readonly [string, string])[]) => {
    const query = new URLSearchParams(
      [...parameters.filter(([name]) => name !== PAGE), ...more].map(([name, value]): [string, string] => [
        name,
        value,
      ]),
    ).toString();
    return `${base}/${path}${query === "" ? "" : `?${query}`}`;
  };
  return { base, self: url([]), next: (page: string) => url([[PAGE, page]]) };
}

/** What `$everything` takes. Source: https://hl7.org/fhir/R4/patient-operation-everything.html */
function everythingOf(parameters: FhirRequest["parameters"]) {
  const request: { start?: string; end?: string; _since?: string; _type?: string[]; _count?: number } = {};
  let page: string | undefined;
  for (const [name, value] of withoutFormat(parameters)) {
    if (name === PAGE) page = value;
    else if (name === "start" || name === "end" || name === "_since") request[name] = value;
    else if (name === "_type") request._type = [...(request._type ?? []), ...value.split(",")];
    else if (name === "_count") request._count = countOf(value);
    else
      throw new Refusal(
        400,
        "not-supported",
        `$everything has no parameter ${name}, but start, end, _since, _type and _count.`,
      );
  }
  return { request, page };
}

function countOf(value: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(value)) throw new Refusal(400, "invalid", "_count has to be a number from 1.");
  return Number(value);
}

const withoutFormat = (parameters: FhirRequest["parameters"]) => parameters.filter(([name]) => name !== "_format");

function onlyFormat(parameters: FhirRequest["parameters"], what: string): void {
  const [other] = withoutFormat(parameters);
  if (other !== undefined) throw new Refusal(400, "not-supported", `${what} has no parameter ${other[0]} here.`);
}

/** What the store refuses, as FHIR says it. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) throw new Refusal(error.code === "too-costly" ? 422 : 400, error.code, error.message);
    throw error;
  }
}
