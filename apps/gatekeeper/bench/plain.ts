/**
 * A FHIR server over the same store, without consent and entries: what a gatekeeper is held against. It ends with its standard input.
 */
import process, { stdin, stdout } from "node:process";

import type { AccessDecider } from "../src/access/access.js";
import type { Entries } from "../src/entries/entries.js";
import { fhirRoutes } from "../src/http/fhir-routes.js";
import { createServer } from "../src/http/server.js";
import type { Authentication } from "../src/http/who-asks.js";
import { createMetrics } from "../src/operate/metrics.js";
import { openStore, type Place } from "../src/store/index.js";

const place = JSON.parse(process.argv[2]!) as Place;
const store = await openStore(place, { pageKey: new Uint8Array(32) });
const metrics = createMetrics({ block: () => 0, entries: () => 0 });
const app = await createServer({
  ...{ log: () => undefined, metrics, version: "0", perMinute: 1_000_000, behindProxies: [] },
  ...{ isStaff: () => true, signedInAs: () => undefined },
});
fhirRoutes(app, {
  ...{ store, metrics, publicUrl: "http://plain.example", version: "0", clock: () => 0 },
  isStillSo: async () => true,
  access: {} as AccessDecider,
  entries: { write: async () => undefined } as unknown as Entries,
  authentication: { of: async () => ({ kind: "staff", person: undefined }) } as unknown as Authentication,
});
const url = await app.listen({ host: "127.0.0.1", port: 0 });
stdout.write(`${JSON.stringify({ what: "listening", url })}\n`);
stdin.resume();
stdin.once("end", () => {
  void app
    .close()
    .then(() => store.close())
    .then(() => process.exit(0));
});
