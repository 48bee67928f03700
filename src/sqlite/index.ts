export { RESULT, SqliteError } from "./connection.js";
export type { Connection, SqlValue, Statement } from "./connection.js";
export { Database } from "./database.js";
export type { AsError } from "./database.js";
