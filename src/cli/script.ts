import { chartchain } from "./chartchain.js";
import { start, type Program } from "./terminal/program.js";

/**
 * A script that does what one command does, with the same flags. Runs it when the script's file is the one that was started.
 *
 * @param meta of the script's file
 * @param name of the command: `consent grant`
 */
export const script = (meta: ImportMeta, name: string): Program =>
  start(meta, (args, environment, streams) => chartchain([...name.split(" "), ...args], environment, streams));
