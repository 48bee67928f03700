import { isChartChainError } from "../../errors/index.js";
import { readFhirJson } from "../parse.js";
import type { FhirServer } from "./fhir-server.js";

/** How many resources a page should have; a server may give fewer. */
const PAGE = 200;

/** So many pages in a row may be empty, as where a server leaves out what may not be read; more would have no end. */
const EMPTY_PAGES = 100;

/**
 * Searches for all resources of a type, and gives them as NDJSON, page by page.
 *
 * Sources: https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/http.html#paging,
 * https://hl7.org/fhir/R4/search.html#lastUpdated
 *
 * @param since only what changed at this instant or after it
 * @throws ChartChainError FHIR_SERVER_REFUSED, FHIR_SERVER_LEFT, FHIR_SERVER_ANSWER_INVALID, FHIR_SERVER_UNREACHABLE
 */
export async function* searchLines(server: FhirServer, type: string, since?: string): AsyncGenerator<Uint8Array> {
  const asked = new URLSearchParams({ _count: String(PAGE) });
  if (since !== undefined) asked.set("_lastUpdated", `ge${since}`);
  const seen = new Set<string>();
  let empty = 0;
  for (let next: string | undefined = `${type}?${asked.toString()}`; next !== undefined;) {
    if (seen.has(next)) throw server.unreadable("a page of a search leads to an earlier one");
    seen.add(next);
    const { status, headers, text } = await server.json(next);
    if (status !== 200) throw server.refused(status, next, headers);
    const page = pageOf(server, text);
    empty = page.lines === "" ? empty + 1 : 0;
    if (empty > EMPTY_PAGES) throw server.unreadable(`more than ${EMPTY_PAGES} pages in a row bring no ${type}`);
    if (page.lines !== "") yield new TextEncoder().encode(page.lines);
    next = page.next === undefined ? undefined : server.own(page.next);
  }
}

function pageOf(server: FhirServer, text: string): { lines: string; next: string | undefined } {
  let bundle: { link?: unknown; entry?: unknown };
  try {
    bundle = JSON.parse(text) as typeof bundle;
  } catch (cause) {
    throw server.unreadable("a page of a search is no JSON", cause);
  }
  const links = Array.isArray(bundle.link) ? (bundle.link as { relation?: unknown; url?: unknown }[]) : [];
  const next = links.find(({ relation }) => relation === "next")?.url;
  const entries = Array.isArray(bundle.entry) ? bundle.entry.length : 0;
  return {
    next: typeof next === "string" ? next : undefined,
    lines: entries === 0 ? "" : linesOf(server, text),
  };
}

/** Each resource as the server writes it, on a line of its own. What it says of the search itself isn't among them. */
function linesOf(server: FhirServer, text: string): string {
  try {
    return (
      readFhirJson(text, "page")
        .entries.filter(({ resource }) => resource.resourceType !== "OperationOutcome")
        // No string in JSON holds a line feed: outside of strings it is a space.
        .map(({ json }) => `${json.replace(/[\r\n]+\s*/g, "")}\n`)
        .join("")
    );
  } catch (error) {
    if (isChartChainError(error, "EMPTY_BUNDLE")) return "";
    throw server.unreadable("a page of a search is no Bundle of FHIR R4", error);
  }
}
