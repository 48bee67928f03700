/** What the worker in the browser is asked for. */
export interface Request {
  action: "open" | "put" | "find" | "close" | "stream";
  passphrase?: string;
  create?: boolean;
  /** In bytes. */
  size?: number;
}
