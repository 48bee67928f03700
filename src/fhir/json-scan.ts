/** A step from a JSON document's root: a property name or an array index. */
export type JsonPath = readonly (string | number)[];

/** Why a text was refused, and where. */
export interface JsonFault {
  kind: "syntax" | "too-deep" | "duplicate-key" | "forbidden-key";
  /** UTF-16 offset into the text. */
  offset: number;
  /** Of the object that it is in; of a property that comes twice, its own. */
  path: JsonPath;
}

export interface ScanOptions {
  /** Nesting beyond this many levels is refused. */
  maxDepth: number;
  /** Called for the root value and values up to three levels below it, with their [start, end) in the text. */
  onValue?: (path: JsonPath, start: number, end: number) => void;
}

interface Frame {
  start: number;
  /** Names seen so far; absent for an array. */
  keys?: Set<string>;
}

const SPAN_LEVELS = 3;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERALS = ["true", "false", "null"];

/**
 * Checks that a text is one strict JSON value (RFC 8259) and tells where its parts lie, without recursion.
 *
 * `JSON.parse` alone would lose number lexemes (1.00 becomes 1), accept duplicate names silently, quote the input in
 * its error message and set no limit on depth. Slicing the original text by these spans loses nothing.
 *
 * @param text the document, without byte order mark
 * @returns the first fault, or undefined when the text is good
 * @example
 * scanJson('{"a":1.00}', { maxDepth: 8, onValue: (path, start, end) => {} }) // undefined
 */
export function scanJson(text: string, options: ScanOptions): JsonFault | undefined {
  const frames: Frame[] = [];
  const path: (string | number)[] = [];
  let at = skipSpace(text, 0);

  const fault = (kind: JsonFault["kind"], offset: number): JsonFault => ({ kind, offset, path: [...path] });
  const done = (start: number, end: number): void => {
    if (path.length <= SPAN_LEVELS) options.onValue?.([...path], start, end);
  };

  /** Reads `"name":` and notes it in the path; returns a fault or undefined. */
  const readName = (frame: Frame): JsonFault | undefined => {
    const end = text.charCodeAt(at) === QUOTE ? endOfString(text, at) : -at - 1;
    if (end < 0) return fault("syntax", -end - 1);
    const raw = text.slice(at, end);
    const name = raw.includes("\\") ? (JSON.parse(raw) as string) : raw.slice(1, -1);
    if (name === "__proto__") return fault("forbidden-key", at);
    if (frame.keys?.has(name)) return { ...fault("duplicate-key", at), path: [...path, name] };
    frame.keys?.add(name);
    path.push(name);
    at = skipSpace(text, end);
    if (text[at] !== ":") return fault("syntax", at);
    at = skipSpace(text, at + 1);
    return undefined;
  };

  for (;;) {
    const start = at;
    const open = text[at];
    if (open === "{" || open === "[") {
      if (frames.length >= options.maxDepth) return fault("too-deep", at);
      const frame: Frame = open === "{" ? { start, keys: new Set() } : { start };
      frames.push(frame);
      at = skipSpace(text, at + 1);
      if (text[at] !== (frame.keys ? "}" : "]")) {
        if (frame.keys) {
          const bad = readName(frame);
          if (bad) return bad;
        } else path.push(0);
        continue;
      }
    } else {
      const end = endOfScalar(text, at);
      if (end < 0) return fault("syntax", -end - 1);
      done(start, end);
      at = skipSpace(text, end);
      if (frames.length > 0 && text[at] === ",") {
        const bad = nextMember();
        if (bad) return bad;
        continue;
      }
      if (frames.length > 0) path.pop();
    }
    // Here one or more containers may end.
    for (;;) {
      const frame = frames.at(-1);
      if (!frame) return at === text.length ? undefined : fault("syntax", at);
      if (text[at] !== (frame.keys ? "}" : "]")) return fault("syntax", at);
      frames.pop();
      done(frame.start, at + 1);
      at = skipSpace(text, at + 1);
      if (frames.length > 0 && text[at] === ",") break;
      if (frames.length > 0) path.pop();
    }
    const bad = nextMember();
    if (bad) return bad;
  }

  /** At a comma: steps the path to the next member of the innermost container. */
  function nextMember(): JsonFault | undefined {
    const frame = frames.at(-1);
    const last = path.pop();
    at = skipSpace(text, at + 1);
    if (frame?.keys) return readName(frame);
    path.push((last as number) + 1);
    return undefined;
  }
}

/**
 * Line and column (both from 1) of an offset.
 *
 * @example
 * lineAndColumn("a\nbc", 3) // { line: 2, column: 2 }
 */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let next = text.indexOf("\n"); next !== -1 && next < offset; next = text.indexOf("\n", next + 1)) {
    line += 1;
    lineStart = next + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const c = text.charCodeAt(at);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return at;
    at += 1;
  }
}

/** End offset of the scalar at `at`, or -(offset of the fault) - 1. */
function endOfScalar(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) return endOfString(text, at);
  const literal = LITERALS.find((word) => text.startsWith(word, at));
  if (literal) return at + literal.length;
  NUMBER.lastIndex = at;
  return NUMBER.test(text) ? NUMBER.lastIndex : -at - 1;
}

/** A loop, not a regular expression: a 100 MB attachment is one string, and would exhaust a backtracking stack. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) return at + 1;
    if (c === BACKSLASH) {
      const kind = text[at + 1];
      if (kind === "u" && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) at += 6;
      else if (kind !== undefined && '"\\/bfnrt'.includes(kind)) at += 2;
      else return -at - 1;
    } else if (c < 0x20 || Number.isNaN(c)) return -at - 1;
    else at += 1;
  }
}
