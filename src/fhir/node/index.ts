export { type LeftOut } from "./folder-files.js";
export { readLine } from "./line-source.js";
export { parseFhirFile } from "./parse-file.js";
export { type FolderOptions, type ParsedFolder, parseFhirFolder } from "./parse-folder.js";
