import type { Category } from "chartchain/fhir";

/** What somebody may see of what a store keeps: all of it, or these parts. What is in no part isn't there for that one. */
export type Visible = "everything" | readonly VisiblePart[];

/** Records of one kind of one patient. */
export interface VisiblePart {
  /** The patient's participant id. */
  patient: number;
  category: Category;
  /** Care that the patient consented to alone, as a minor; other care when false. Each is a part of its own. */
  confidential: boolean;
  /** Only these records, by the store's own numbers; all of the kind when left out. */
  records?: readonly number[];
}
