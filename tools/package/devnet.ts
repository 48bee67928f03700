/** A devnet for a program that isn't of this repository: prints its URL and deployment as a line, ends when its input does. */
import "../../scripts/lib/quiet.js";

import { once } from "node:events";

import { createDevnet } from "../../devnet/index.js";

await using devnet = await createDevnet();
console.log(JSON.stringify({ url: devnet.url, deployment: devnet.deployment }));
await once(process.stdin.resume(), "end");
