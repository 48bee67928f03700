import { argv, stdout } from "node:process";

import { exportToFolder } from "../../../src/sdk/node/index.js";

/** Begins an export into the folder of its argument, says so, and never ends it. */
const client = {
  async exportEverything({
    sink,
  }: {
    sink: { create(name: string): Promise<{ write(chunk: Uint8Array): Promise<void> }> };
  }) {
    const file = await sink.create("records.fhir.json");
    await file.write(new TextEncoder().encode("half of it"));
    stdout.write("begun\n");
    return new Promise<never>(() => setInterval(() => {}, 1_000));
  },
};

await exportToFolder(client, { folder: argv[2]! });
