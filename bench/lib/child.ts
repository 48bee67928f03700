import type { Report } from "./case.js";

/** What this process was started with; see `run-program.ts`. */
export const given = <T>(): T => JSON.parse(process.argv[2]!) as T;

/** Hands the report to the parent, which ends the conversation: nothing keeps this process alive then. */
export function report(result: Report): void {
  process.send!(result, () => process.disconnect());
}
