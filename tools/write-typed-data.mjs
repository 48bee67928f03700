#!/usr/bin/env node
/** Writes docs/reference/typed-data.md from the descriptors of what is signed: `npm run typed-data`. */
import { writeFileSync } from "node:fs";

import { TYPED_DATA_PAGE, typedDataPage } from "./lint/typed-data-page.mjs";
import { at } from "./setup/project.mjs";

writeFileSync(at(TYPED_DATA_PAGE), await typedDataPage());
