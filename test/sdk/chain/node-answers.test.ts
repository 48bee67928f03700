import { expect } from "chai";
import { makeError } from "ethers";
import fc from "fast-check";

import { gather, readAnswer, type Refusal } from "../../../src/sdk/chain/node-answers.js";

/** As ethers hands on what a node answered to `method`. */
const refusedBy = (method: string, error: unknown, params: unknown[] = [{}]) =>
  makeError("could not coalesce error", "UNKNOWN_ERROR", { error, payload: { method, params } });

/** As ethers hands on an HTTP answer that isn't 200. */
const httpAnswer = (statusCode: number, body: string, headers: Record<string, string> = {}) =>
  makeError(`server response ${statusCode}`, "SERVER_ERROR", {
    request: "unknown request",
    response: { statusCode, headers },
    info: { requestUrl: "http://node.example/", responseBody: body, responseStatus: `${statusCode} …` },
  } as never);

/** What nodes and services answer to eth_getLogs; the codes and the words are theirs. */
const OF_EVENTS: Record<Extract<Refusal, "range" | "size" | "rate" | "passing" | "final">, [number, string][]> = {
  range: [
    [-32602, "query exceeds max block range 100000"],
    [-32602, "range 1000000 exceeds limit of 10000"],
    [-32603, "eth_getLogs range is too large, max is 1k blocks"],
    [35, "ranges over 10000 blocks are not supported on freetier"],
    [-32602, "eth_getLogs is limited to 1024 block range. Please check the parameter requirements"],
    [-32614, "eth_getLogs is limited to a 10,000 range"],
    [-32000, "exceed maximum block range: 50000"],
    [-32600, "block range is too wide"],
    [-32602, "maximum [from, to] blocks distance: 10000"],
    [-32005, "Requested range exceeds maximum RPC range limit"],
    [-32600, "You can make eth_getLogs requests with up to a 500 block range."],
    [-32600, "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range."],
    [-32005, "Maximum allowed number of requested blocks is 1000"],
    [-32000, "block range is bigger than maxBlockRange"],
    [-32000, "requested too many blocks from 1 to 9000, maximum is set to 2048"],
    [-32005, "limit exceeded"],
  ],
  size: [
    [-32005, "query returned more than 10000 results. Try with this block range [0x1, 0x2]."],
    [-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range"],
    [-32600, "Response size is larger than 150MB limit"],
    [-32020, "backend response too large"],
    [-32008, "Response is too big"],
    [-32602, "query exceeds max results 20000, retry with the range 23879634-23879696"],
    [-32005, "Too many logs requested. Max logs per response is 20000."],
    [-32005, "query timeout exceeded"],
    [30, "Request timeout on the free tier, please upgrade your tier to the paid one"],
  ],
  rate: [
    [-32005, "daily request count exceeded, request rate limited"],
    [-32005, "project ID request rate exceeded"],
    [429, "Your app has exceeded its compute units per second capacity."],
    [-32600, "Monthly capacity limit exceeded. Visit the dashboard to upgrade"],
    [-32007, "15/second request limit reached - reduce calls per second or upgrade your account"],
    [-32016, "over rate limit"],
    [-32090, "Too many requests, reason: call rate limit exhausted, retry in 10s"],
    [-32005, "You've exceeded the RPS limit available on the current plan."],
  ],
  passing: [
    [-32000, "header not found"],
    [-32000, "block range extends beyond current head block"],
    [-32055, "No nodes available"],
    [-32603, "Internal error"],
    [19, "Temporary internal error. Please retry"],
  ],
  final: [
    [-32000, "invalid block range params"],
    [-32000, "missing trie node"],
    [-32601, "the method eth_getLogs does not exist/is not available"],
    [-32602, "invalid argument 0: hex string without 0x prefix"],
  ],
};

describe("a node's answer", () => {
  for (const [refusal, answers] of Object.entries(OF_EVENTS)) {
    for (const [code, message] of answers) {
      it(`${code} "${message}" to a question for events is read as ${refusal}`, () => {
        expect(readAnswer(refusedBy("eth_getLogs", { code, message })).refusal).to.equal(refusal);
      });
    }
  }

  it("says the same inside an HTTP error", () => {
    const body = JSON.stringify({
      jsonrpc: "2.0",
      error: { code: -32614, message: "eth_getLogs is limited to a 10,000 range" },
    });
    expect(readAnswer(httpAnswer(413, body), "events").refusal).to.equal("range");
    expect(readAnswer(httpAnswer(413, "<html>413 Request Entity Too Large</html>"), "events").refusal).to.equal("size");
    expect(readAnswer(httpAnswer(504, "<html>504 Gateway Time-out</html>"), "events").refusal).to.equal("size");
    expect(readAnswer(httpAnswer(504, "<html>504 Gateway Time-out</html>")).refusal).to.equal("passing");
    expect(readAnswer(httpAnswer(429, "")).refusal).to.equal("rate");
    expect(readAnswer(httpAnswer(403, '{"error":{"message":"Monthly capacity limit exceeded."}}')).refusal).to.equal(
      "rate",
    );
    expect(readAnswer(httpAnswer(503, "")).refusal).to.equal("passing");
    expect(readAnswer(httpAnswer(401, "Unauthorized")).refusal).to.equal("unreachable");
  });

  it("that there is no final block is read whatever the client", () => {
    for (const [code, message] of [
      [-32000, "finalized block not found"],
      [-39001, "Unknown block"],
      [-39001, 'block "finalized" not available (head block: 21459236)'],
      [-32602, "invalid argument 0: hex string without 0x prefix"],
    ] as const) {
      const error = refusedBy("eth_getBlockByNumber", { code, message }, ["finalized", false]);
      expect(readAnswer(error).refusal, message).to.equal("finality");
    }
    const busy = refusedBy("eth_getBlockByNumber", { code: -32603, message: "Internal error" }, ["finalized", false]);
    expect(readAnswer(busy).refusal).to.equal("passing");
    expect(
      readAnswer(refusedBy("eth_getBlockByNumber", { code: -39001, message: "Unknown block" }, ["0x5"])).refusal,
    ).to.equal("passing");
  });

  it("that a transaction isn't indexed yet passes", () => {
    const message = "transaction indexing is in progress";
    expect(
      readAnswer(refusedBy("eth_getTransactionReceipt", { code: -32000, message, data: message })).refusal,
    ).to.equal("passing");
  });

  it("is the contract's where a contract's words look like the node's", () => {
    const message = "execution reverted: rate limit, try again later, block range too large";
    expect(readAnswer(refusedBy("eth_call", { code: 3, message, data: "0x" })).refusal).to.equal("final");
  });

  it("is the contract's also where a wallet calls it an internal error", () => {
    const answer = {
      code: -32603,
      message: "Internal JSON-RPC error.",
      data: { code: 3, data: `0x${"ab".repeat(36)}` },
    };
    expect(readAnswer(refusedBy("eth_call", answer)).refusal).to.equal("final");
  });

  it("counts more than the status that it comes with", () => {
    const error = (code: number, message: string) => JSON.stringify({ jsonrpc: "2.0", error: { code, message } });
    expect(readAnswer(httpAnswer(500, error(-32602, "invalid argument 0"))).refusal).to.equal("final");
    expect(readAnswer(httpAnswer(500, error(-32000, "header not found"))).refusal).to.equal("passing");
    expect(readAnswer(httpAnswer(400, error(-32602, "query exceeds max block range 500")), "events").refusal).to.equal(
      "range",
    );
  });

  it("doesn't speak of ranges where nobody asked for events", () => {
    const message = "max fee per gas less than block base fee";
    expect(readAnswer(refusedBy("eth_sendRawTransaction", { code: -32000, message })).refusal).not.to.equal("rate");
    expect(readAnswer(refusedBy("eth_call", { code: -32005, message: "limit exceeded" })).refusal).to.equal("rate");
  });

  it("tells a connection that broke from a node that isn't there", () => {
    const broken = (code: string) => Object.assign(new Error(`${code}`), { code });
    for (const code of ["ECONNRESET", "EPIPE"]) expect(readAnswer(broken(code)).refusal).to.equal("lost");
    expect(readAnswer(new Error("socket hang up")).refusal).to.equal("lost");
    for (const code of ["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT"])
      expect(readAnswer(broken(code)).refusal).to.equal("unreachable");
    // A name with two addresses.
    const both = new AggregateError([broken("ECONNREFUSED"), broken("ECONNREFUSED")]);
    expect(readAnswer(both).refusal).to.equal("unreachable");
  });

  describe("says how long to wait", () => {
    const waits = (error: unknown) => readAnswer(error).retryAfter;

    it("in Retry-After, in seconds or as a date", () => {
      expect(waits(httpAnswer(429, "", { "retry-after": "7" }))).to.equal(7_000);
      expect(waits(httpAnswer(503, "", { "retry-after": "0" }))).to.equal(0);
      const date = new Date(Date.now() + 60_000).toUTCString();
      expect(waits(httpAnswer(429, "", { "retry-after": date }))).to.be.within(1, 60_000);
      expect(waits(httpAnswer(429, "", { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }))).to.equal(0);
      expect(waits(httpAnswer(429, "", { "retry-after": "soon" }))).to.equal(undefined);
    });

    it("in its body", () => {
      const rated = (data: unknown, message = "rate limited") => refusedBy("eth_call", { code: -32005, message, data });
      expect(waits(rated({ rate: { allowed_rps: 1, backoff_seconds: 30, current_rps: 1.3 } }))).to.equal(30_000);
      expect(waits(rated({ rate: { backoff_seconds: 0 } }))).to.equal(undefined);
      expect(waits(rated({ try_again_in: "12.5ms" }))).to.equal(12.5);
      expect(waits(rated(undefined, "call rate limit exhausted, retry in 10m0s"))).to.equal(600_000);
      expect(waits(rated(undefined, "rate limited, try again in 2 seconds"))).to.equal(2_000);
    });
  });

  it("is read whatever was thrown", () => {
    const circular: Record<string, unknown> = { message: "around" };
    circular["cause"] = circular;
    for (const odd of [undefined, null, 7, "a text", Symbol("odd"), circular, { error: null }, { response: null }])
      expect(readAnswer(odd).refusal).to.equal("final");
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (odd) => {
        expect(readAnswer(odd).refusal).to.be.a("string");
        expect(gather(odd).data).to.be.an("array");
      }),
    );
  });
});
