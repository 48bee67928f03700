import type { Explanations } from "./explanation.js";

export const FHIR_SERVER = {
  FHIR_SERVER_ANSWER_INVALID: {
    why: "What a FHIR server answered is not what the standard has there: no CapabilityStatement of R4, no Bundle, a manifest without its files, pages that lead back to earlier ones or bring nothing a hundred times in a row, or an answer over the limit.",
    fix: "Check that the URL is the base of a FHIR R4 server, and ask its operator.",
  },
  FHIR_SERVER_LEFT: {
    why: "A FHIR server redirects to another place, or names a page or file at another origin. Only its own origin is asked, so that its credentials and this machine's network are nobody else's.",
    fix: "Give the base URL that the server calls itself by, or have its operator serve the files at its own origin. Else download the export yourself, and import the folder.",
  },
  FHIR_SERVER_REFUSED: {
    why: "A FHIR server answers a request with an error. Of a busy one (429, 502, 503, 504) it is the fifth answer.",
    fix: "Check the credentials and what they may read (401, 403), and the base URL (404). A busy server is asked again later: `details.retryAfter` has the seconds.",
  },
  FHIR_SERVER_UNREACHABLE: {
    why: "A FHIR server isn't reached, says nothing for a minute, or its answer broke off. It was asked five times. Or it isn't done with an export after a day (`longestExport`).",
    fix: "Check that it runs and the URL, and do the same again: an import goes on where it was.",
  },
  FHIR_SERVER_URL_INVALID: {
    why: "A FHIR server's URL is none, isn't `https:` (`http:` is for this machine alone), or has a name, password, query or fragment.",
    fix: "Give the base URL alone, and credentials apart: `headers`, or the script's environment variable or file.",
  },
} satisfies Explanations;
