import { type Field, integer } from "./canonical-cbor.js";

/** A participant's id: 1 to 2⁴⁰ − 1; 0 on chain means nobody. */
export const participantField: Field = integer(1, 2 ** 40 - 1);

/** The number of a compartment's re-keying, from 0 on. */
export const roundField: Field = integer(0, 2 ** 32 - 1);
