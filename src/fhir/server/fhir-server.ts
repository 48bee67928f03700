import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { DEFAULT_MAX_BYTES } from "../decode-text.js";
import { pauseAfter } from "./pause.js";

/** Headers by name, such as `{ authorization: "Bearer …" }`. */
export type Headers = Record<string, string>;

/** A FHIR R4 server, and how it is asked. */
export interface FhirServerOptions {
  /** Base URL: `https://fhir.hospital.example/r4`. `http:` is for this machine alone (127.0.0.1, ::1, localhost). */
  url: string;
  /** Takes `http:` for other machines, too: for a `fetch` that knows itself which ones it asks. */
  allowHttp?: boolean;
  /**
   * What says to the server who asks; a function is asked before each request, so that a token can be renewed. It goes to the
   * server's origin alone.
   */
  headers?: Headers | (() => Headers | Promise<Headers>);
  /** Largest answer, or line of a file, in bytes; 128 MiB unless given. */
  maxBytes?: number;
  /** Longest wait for one answer to begin, and between two parts of it, in milliseconds; a minute unless given. */
  timeout?: number;
  /** Longest pause before it is asked again, whatever it asks for, in milliseconds; five minutes unless given. */
  longestPause?: number;
  signal?: AbortSignal;
  /** `fetch` of the platform unless given. */
  fetch?: typeof fetch;
}

const LONGEST_PAUSE = 300_000;

/** Where a busy server doesn't say when it has time again, in milliseconds. */
const BUSY_PAUSE = 60_000;

/** How often a request is made that the server was too busy for, or that didn't reach it. */
const TRIES = 5;

/** Statuses of a server that may answer in a moment. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Checks the URL of a FHIR server before anything is done with it. It comes into logs, and into records as the server's name:
 * so it has no credentials in it.
 *
 * @param how.isAsked false for a server that is only named, as where a folder comes from: it may be any `http:` one
 * @returns base URL without a slash at its end
 * @throws ChartChainError FHIR_SERVER_URL_INVALID, which names the host alone
 * @example
 * serverBase("https://fhir.hospital.example/r4/") // "https://fhir.hospital.example/r4"
 */
export function serverBase(url: string, { isAsked = true }: { isAsked?: boolean } = {}): string {
  const found = URL.canParse(url) ? new URL(url) : undefined;
  const isLocal = found !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(found.hostname);
  const isSafe = found?.protocol === "https:" || (found?.protocol === "http:" && (isLocal || !isAsked));
  const isBare = found !== undefined && !/[?#]/.test(url) && `${found.username}${found.password}` === "";
  if (isSafe && isBare) return found.href.replace(/\/+$/, "");
  const host = found?.host ?? "";
  throw new ChartChainError("FHIR_SERVER_URL_INVALID", `the FHIR server's URL can't be used${host && `: ${host}`}`, {
    details: host === "" ? {} : { host },
    hint: "Give a base URL with https: (http: for this machine alone) and without name, password, query or fragment: credentials are given apart.",
  });
}

/**
 * A FHIR server as a source: every request goes to its own origin, no redirect is followed, and answers are bounded.
 *
 * Sources: https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/security.html
 */
export class FhirServer {
  /** Base URL without a slash at its end. */
  readonly base: string;
  readonly #origin: string;
  readonly #options: FhirServerOptions;

  /** @throws ChartChainError FHIR_SERVER_URL_INVALID */
  constructor(options: FhirServerOptions) {
    this.base = serverBase(options.url, { isAsked: options.allowHttp !== true });
    this.#origin = new URL(this.base).origin;
    this.#options = options;
  }

  /**
   * A URL that the server named, if it is its own.
   *
   * @throws ChartChainError FHIR_SERVER_LEFT
   */
  own(url: string): string {
    const found = URL.canParse(url, `${this.base}/`) ? new URL(url, `${this.base}/`) : undefined;
    if (found?.origin === this.#origin && `${found.username}${found.password}` === "") return found.href;
    throw left(this.base, found?.host ?? "no URL");
  }

  /** A request of FHIR JSON, read whole. @param path below the base, or a whole URL of the server */
  async json(
    path: string,
    headers: Headers = {},
  ): Promise<{ status: number; headers: Response["headers"]; text: string }> {
    const response = await this.request(path, { accept: "application/fhir+json", ...headers });
    const chunks: Uint8Array[] = [];
    let size = 0;
    const maxBytes = this.#options.maxBytes ?? DEFAULT_MAX_BYTES;
    for await (const chunk of this.#chunksOf(response)) {
      chunks.push(chunk);
      if ((size += chunk.length) > maxBytes) throw tooMuch(this.base, maxBytes);
    }
    const whole = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return { status: response.status, headers: response.headers, text: new TextDecoder().decode(whole) };
  }

  /** A file, as it comes. Throws FHIR_SERVER_REFUSED unless the server has it. */
  async *file(url: string, headers: Headers): AsyncGenerator<Uint8Array> {
    const response = await this.request(url, headers);
    if (response.status !== 200) {
      await response.body?.cancel();
      throw this.refused(response.status, url, response.headers);
    }
    yield* this.#chunksOf(response);
  }

  /** Asks the server to forget something; what it answers is no matter. */
  async remove(url: string): Promise<void> {
    await this.request(url, {}, "DELETE").then(
      (response) => response.body?.cancel(),
      () => undefined,
    );
  }

  /** Makes a request, again where the server is busy or wasn't reached, and gives its answer, which may be a refusal. */
  async request(path: string, headers: Headers, method: "GET" | "DELETE" = "GET"): Promise<Response> {
    const url = this.own(/^https?:/i.test(path) ? path : `${this.base}/${path}`);
    for (let tries = 1; ; tries++) {
      this.#options.signal?.throwIfAborted();
      const given = this.#options.headers;
      const all = { ...(typeof given === "function" ? await given() : given), ...headers };
      const answer = await this.#ask(url, all, method).catch((cause: unknown) => ({ cause }));
      if ("cause" in answer) {
        this.#options.signal?.throwIfAborted();
        // What a `fetch` of ours refuses, it refuses again.
        if (isChartChainError(answer.cause)) throw answer.cause;
        if (tries === TRIES) throw unreached(this.base, answer.cause);
        await this.wait(pauseAfter(undefined, tries, 100));
        continue;
      }
      if (answer.type === "opaqueredirect" || (answer.status >= 300 && answer.status < 400)) {
        await answer.body?.cancel();
        throw left(this.base, hostOf(answer.headers.get("location")));
      }
      if (!PASSING.has(answer.status) || tries === TRIES) return answer;
      await answer.body?.cancel();
      await this.wait(pauseAfter(answer.headers.get("retry-after"), tries));
    }
  }

  /** Waits for so many milliseconds, unless it is told to stop: for the longest pause at most. */
  async wait(ms: number): Promise<void> {
    const { signal, longestPause = LONGEST_PAUSE } = this.#options;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.min(longestPause, ms));
      signal?.addEventListener("abort", done);
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      }
    });
    signal?.throwIfAborted();
  }

  /** The error for an answer that isn't what was asked for. @param headers of the answer, which may say when to ask again */
  refused(status: number, path: string, headers?: Response["headers"]): ChartChainError {
    const what = path.startsWith(this.base) ? path.slice(this.base.length) : path;
    const seconds = Math.max(1, Math.ceil(pauseAfter(headers?.get("retry-after"), 1, BUSY_PAUSE) / 1000));
    const isBusy = PASSING.has(status);
    return new ChartChainError(
      "FHIR_SERVER_REFUSED",
      `the FHIR server ${this.base} answers ${status} to ${pathOnly(what)}`,
      {
        details: { server: this.base, status, ...(isBusy ? { retryAfter: seconds } : {}) },
        hint:
          status === 401 || status === 403
            ? "Check the credentials, and what they may read."
            : isBusy
              ? `The server is busy: it was asked ${TRIES} times. Do the same again in ${inWords(seconds)}: it goes on there.`
              : "Check the base URL, and the server's log.",
      },
    );
  }

  /** The error for an answer that can't be read. */
  unreadable(what: string, cause?: unknown): ChartChainError {
    const message = `the answer of the FHIR server ${this.base} can't be read: ${what}`;
    return new ChartChainError("FHIR_SERVER_ANSWER_INVALID", message, {
      details: { server: this.base },
      hint: "Check that it is the base of a FHIR R4 server, and ask its operator.",
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** The error for an export that isn't done after so many milliseconds. */
  late(waited: number): ChartChainError {
    const message = `the FHIR server ${this.base} isn't done with its export after ${inWords(Math.ceil(waited / 1000))}`;
    return new ChartChainError("FHIR_SERVER_UNREACHABLE", message, {
      details: { server: this.base, waited },
      hint: "Ask its operator what keeps it. The same again waits for the same export as long as the server has it.",
    });
  }

  async #ask(url: string, headers: Headers, method: string): Promise<Response> {
    const late = this.#deadline();
    try {
      return await (this.#options.fetch ?? fetch)(url, {
        ...{ method, headers, redirect: "manual", cache: "no-store" },
        ...{ credentials: "omit", referrerPolicy: "no-referrer", signal: late.signal },
      });
    } finally {
      late.end();
    }
  }

  async *#chunksOf(response: Response): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    try {
      for (;;) {
        const late = this.#deadline(() => void reader.cancel().catch(() => undefined));
        const part = await reader
          .read()
          .catch((cause: unknown) => {
            throw unreached(this.base, cause);
          })
          .finally(() => late.end());
        this.#options.signal?.throwIfAborted();
        if (late.signal.aborted) throw unreached(this.base, late.signal.reason);
        if (part.done) return;
        yield part.value as Uint8Array;
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  /** A signal that ends a request which takes too long, or which nobody waits for any more. */
  #deadline(onEnd?: () => void): { signal: AbortSignal; end: () => void } {
    const { signal, timeout = 60_000 } = this.#options;
    const controller = new AbortController();
    const end = (reason: unknown): void => {
      controller.abort(reason);
      onEnd?.();
    };
    const timer = setTimeout(() => end(new Error("the server says nothing")), timeout);
    const stop = (): void => end(signal?.reason);
    signal?.addEventListener("abort", stop);
    return {
      signal: controller.signal,
      end: () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
      },
    };
  }
}

/** "40 seconds", "2 minutes" */
function inWords(seconds: number): string {
  const [number, unit] =
    seconds < 120
      ? [seconds, "second"]
      : seconds < 7_200
        ? [Math.ceil(seconds / 60), "minute"]
        : [Math.ceil(seconds / 3_600), "hour"];
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}

const hostOf = (url: string | null): string => (url !== null && URL.canParse(url) ? new URL(url).host : "elsewhere");

/** Without the query, in which a search has what it looks for. */
const pathOnly = (path: string): string => path.replace(/[?#].*$/s, "");

const left = (base: string, host: string): ChartChainError =>
  new ChartChainError("FHIR_SERVER_LEFT", `the FHIR server ${base} leads to another place: ${host}`, {
    details: { server: base, host },
    hint: "Only the server's own origin is asked. Give the base URL that the server calls itself by, or have its operator serve what it names.",
  });

const tooMuch = (base: string, maxBytes: number): ChartChainError =>
  new ChartChainError(
    "FHIR_SERVER_ANSWER_INVALID",
    `an answer of the FHIR server ${base} has more than ${maxBytes} bytes`,
    {
      details: { server: base, maxBytes },
      hint: "Ask for smaller pages, or raise the limit.",
    },
  );

const unreached = (base: string, cause: unknown): ChartChainError =>
  new ChartChainError("FHIR_SERVER_UNREACHABLE", `the FHIR server ${base} can't be reached, or its answer broke off`, {
    details: { server: base },
    hint: "Check that it runs and the URL, and do the same again: it goes on there.",
    cause,
  });
