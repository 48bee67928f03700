/** Proves one part in a process of its own: the compiler runs on one core, and keeps what memory it took. */
import { argv, exit } from "node:process";

import { TASKS } from "./tasks.mjs";

process.send?.(TASKS[argv[2]]({}), () => exit(0));
