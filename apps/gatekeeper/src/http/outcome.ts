import type { OperationOutcome } from "@medplum/fhirtypes";

/** What kind of problem it is. Source: https://hl7.org/fhir/R4/valueset-issue-type.html */
export type IssueCode = OperationOutcome["issue"][number]["code"];

/** A request that isn't answered as it was asked, in words for who asked. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: IssueCode;

  constructor(status: number, code: IssueCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** As FHIR says it. Source: https://hl7.org/fhir/R4/operationoutcome.html */
export const outcomeOf = (code: IssueCode, diagnostics: string): OperationOutcome => ({
  resourceType: "OperationOutcome",
  issue: [{ severity: "error", code, diagnostics }],
});

/** What isn't there for who asks, whether it exists or not: one answer, to the letter. */
export const notFound = (): Refusal => new Refusal(404, "not-found", "There is no such resource.");
