import { hardhat } from "./hardhat.js";

/** A chain behind a URL on loopback. */
export interface Node {
  url: string;
  close(): Promise<void>;
}

/** Which chain to start, and where. */
export interface NodeOptions {
  /** 31337, as every local chain's, when left out. */
  chainId?: number;
  /** A free one when left out. */
  port?: number;
}

/**
 * Starts Hardhat's own node in this process, over HTTP and WebSocket, on loopback only. Nothing is deployed to it.
 *
 * @throws HARDHAT_MISSING
 *
 * @example
 * const node = await startNode();
 * const provider = await connect(node.url);
 */
export async function startNode({ chainId, port = 0 }: NodeOptions = {}): Promise<Node> {
  // Else a second node of a process would start at the time of the first.
  const override = { initialDate: new Date(), ...(chainId === undefined ? {} : { chainId }) };
  const { network } = await hardhat();
  const server = await network.createServer({ network: "node", override }, "127.0.0.1", port);
  const { address, port: chosen } = await server.listen();
  return { url: `http://${address}:${chosen}`, close: async () => void (await server.close()) };
}
