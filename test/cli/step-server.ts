import { once } from "node:events";
import { createServer, type Socket } from "node:net";

import type { Environment } from "../../src/cli/terminal/program.js";
import { takeStep } from "./take-step.js";

interface Call {
  args: string[];
  environment: Environment;
}

/** Takes steps in this process for a shell that runs `step-client.mjs` with this path in STEPS. */
export async function serveSteps(path: string): Promise<AsyncDisposable> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    answer(socket).catch((error: Error) => socket.destroy(error));
  });
  server.listen(path);
  await once(server, "listening");
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(socket: Socket): Promise<void> {
  const { args, environment } = await callOf(socket);
  const outcome = await takeStep(args, environment, socket);
  socket.end(JSON.stringify(outcome), () => socket.destroy());
}

/** Reads the first line. What follows is the step's standard input. */
async function callOf(socket: Socket): Promise<Call> {
  let head = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\n");
    if (end < 0) continue;
    socket.unshift(head.subarray(end + 1));
    return JSON.parse(head.subarray(0, end).toString("utf8")) as Call;
  }
  throw new Error("the shell hung up");
}
