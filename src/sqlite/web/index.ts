export { hasOpfs, holdDatabase } from "./opfs.js";
export type { HeldDatabase } from "./opfs.js";
