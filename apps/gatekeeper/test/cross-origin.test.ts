import { expect } from "chai";

import { createServer } from "../src/http/server.js";
import { createMetrics } from "../src/operate/metrics.js";

const PORTAL = "https://portal.example";

describe("pages of other origins", () => {
  const serving = async (origins: readonly string[]) => {
    const app = await createServer({
      ...{ log: () => undefined, metrics: createMetrics({ block: () => 0, entries: () => 0 }), version: "0", origins },
      ...{ perMinute: 100, behindProxies: [], isStaff: () => false, signedInAs: () => undefined },
    });
    app.post("/echo", { schema: { hide: true } }, async () => ({ said: true }));
    return app;
  };
  const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "authorization" };

  it("that are named may ask, with their token, and read the answer", async () => {
    await using app = await serving([PORTAL]);
    const asked = await app.inject({ method: "OPTIONS", url: "/echo", headers: { origin: PORTAL, ...preflight } });
    expect([asked.statusCode, asked.headers["access-control-allow-origin"]]).to.deep.equal([204, PORTAL]);
    expect(asked.headers["access-control-allow-headers"]).to.include("authorization");
    expect(asked.headers["access-control-allow-credentials"]).to.equal(undefined);
    const answered = await app.inject({ method: "POST", url: "/echo", headers: { origin: PORTAL }, payload: {} });
    expect([answered.statusCode, answered.headers["access-control-allow-origin"]]).to.deep.equal([200, PORTAL]);
    const refused = await app.inject({ url: "/nothing", headers: { origin: PORTAL } });
    expect([refused.statusCode, refused.headers["access-control-allow-origin"]]).to.deep.equal([404, PORTAL]);
  });

  it("that aren't named may not, and nobody's may where none is", async () => {
    for (const [origins, origin] of [
      [[PORTAL], "https://evil.example"],
      [[PORTAL], "https://portal.example.evil.example"],
      [[PORTAL], "null"],
      [[], PORTAL],
    ] as const) {
      await using app = await serving(origins);
      const asked = await app.inject({ method: "OPTIONS", url: "/echo", headers: { origin, ...preflight } });
      expect([asked.statusCode, asked.headers["access-control-allow-origin"]]).to.deep.equal([404, undefined]);
    }
  });
});
