/** {@link quieten}s what is no program of its own, such as an example. Imported before whatever loads the cryptography. */
import { quieten } from "./program.js";

quieten();
