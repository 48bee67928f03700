#!/usr/bin/env node
/** Prints what is installed with the library, as CycloneDX: `npm run --silent sbom`. */
import { stdout } from "node:process";

import { sbom } from "./package/sbom.mjs";

stdout.write(sbom());
