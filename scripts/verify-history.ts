import { script } from "../src/cli/script.js";

export default script(import.meta, "record verify");
