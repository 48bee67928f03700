export { importFhirFile, keepBadFiles, keepDoubtfulFile } from "../records/import/node/import-file.js";
