import { script } from "../src/cli/script.js";

export default script(import.meta, "account register-provider");
