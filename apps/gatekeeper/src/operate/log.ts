/** The service's own log: a line of JSON for each thing, without anything about a person. What was shown to whom is in the entries. */
export type Log = (what: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>) => void;

/** Writes lines to a stream, each with its time. */
export const logTo =
  (stream: { write(line: string): unknown }): Log =>
  (what, fields = {}) => {
    stream.write(`${JSON.stringify({ time: new Date().toISOString(), what, ...fields })}\n`);
  };
