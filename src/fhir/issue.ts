/** One fault of a resource. Neither part holds a value from the resource. */
export interface FhirIssue {
  /** E.g. `Bundle.entry[12].resource (Observation).valueQuantity`. */
  place: string;
  problem: string;
}
