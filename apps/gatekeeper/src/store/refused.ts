/** Codes of https://hl7.org/fhir/R4/valueset-issue-type.html that the store answers with. */
export type RefusedBecause = "not-supported" | "invalid" | "conflict" | "too-costly";

/** A request that the store doesn't carry out, and why. Becomes an OperationOutcome at the edge. */
export class Refused extends Error {
  override readonly name = "Refused";
  /** The code. */
  readonly code: RefusedBecause;
  /** The part of the request that is refused, e.g. the parameter `_filter`; the asker's own words. */
  readonly what: string;

  constructor(code: RefusedBecause, what: string, message: string) {
    super(message);
    this.code = code;
    this.what = what;
  }
}
