#!/usr/bin/env node
/**
 * The compiler that npm installed, with the two switches of the command line that Slither uses: the program that Slither
 * would download can't be had on every machine.
 */
import { createRequire } from "node:module";
import { argv, stdin, stdout } from "node:process";
import { text } from "node:stream/consumers";

import { fromPackages } from "../solidity/packages.mjs";

const solc = createRequire(import.meta.url)("solc");

if (argv.includes("--version")) stdout.write(`Version: ${solc.version()}\n`);
else stdout.write(solc.compile(await text(stdin), { import: fromPackages }));
