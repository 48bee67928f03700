export { exportToFolder } from "../export/node/export-to-folder.js";
export { importFhirFile, keepBadFiles, keepDoubtfulFile } from "../records/import/node/import-file.js";
export {
  importFolder,
  type FolderImportOptions,
  type FolderImportReport,
} from "../records/import/node/import-folder.js";
export {
  importServer,
  type ServerImportOptions,
  type ServerImportReport,
} from "../records/import/node/import-server.js";
export { openKeystore } from "./wallet.js";
