#!/usr/bin/env node
/** Writes docs/reference/errors.md from src/errors/catalogue and from what throws: `npm run errors`. */
import { writeFileSync } from "node:fs";

import { ERRORS_PAGE, errorsPage } from "./lint/errors-page.mjs";
import { at } from "./setup/project.mjs";

writeFileSync(at(ERRORS_PAGE), await errorsPage());
