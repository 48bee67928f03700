/** Serves the site as any host of static files does, to this machine alone. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, resolve, sep } from "node:path";

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

/**
 * @param {string} folder of the site.
 * @param {{ base?: string, port?: number }} [options] `base`: the path that it is served below; `port`: any free one when
 *   left out.
 * @returns {Promise<{ url: string, close(): void }>} where it is, with its base. Throws when the port is taken.
 */
export async function serveSite(folder, { base = "/", port = 0 } = {}) {
  const server = createServer((request, response) => {
    answer(folder, base, request.url ?? "/").then(
      ([type, content]) => response.writeHead(200, { "content-type": type }).end(content),
      () => response.writeHead(404, { "content-type": "text/plain" }).end("There is no such page."),
    );
  });
  server.listen(port, "localhost");
  await once(server, "listening").catch((error) => {
    throw new Error(`port ${port} can't be listened on (${error.message}): --port names another`);
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${address.port}${base}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @param {string} folder @param {string} base @param {string} url @returns {Promise<[type: string, content: Buffer]>} */
async function answer(folder, base, url) {
  const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  if (!path.startsWith(base)) throw new Error(`${path} is not below ${base}`);
  const file = resolve(folder, path.slice(base.length), path.endsWith("/") ? "index.html" : "");
  if (!file.startsWith(resolve(folder) + sep)) throw new Error(`${path} is outside of the site`);
  return [TYPES[extname(file)] ?? "application/octet-stream", await readFile(file)];
}
