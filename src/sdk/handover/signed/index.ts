import { ACCOUNTS } from "./accounts.js";
import { CHILDREN } from "./children.js";
import { CONSENT } from "./consent.js";
import { DELEGATES } from "./delegates.js";
import { FOR_READERS } from "./for-readers.js";
import { PEOPLE } from "./people.js";
import { RECOVERY } from "./recovery.js";
import { RELATIONSHIPS } from "./relationships.js";
import { SETTINGS } from "./settings.js";

/** What is signed for the core, by subject, in the order of docs/reference/typed-data.md. */
export const SUBJECTS = [
  PEOPLE,
  ACCOUNTS,
  SETTINGS,
  CHILDREN,
  RECOVERY,
  DELEGATES,
  RELATIONSHIPS,
  CONSENT,
  FOR_READERS,
] as const;

/** What can be signed by one and relayed by another, of the core. */
export const SIGNED_ACTIONS = {
  ...PEOPLE.actions,
  ...ACCOUNTS.actions,
  ...SETTINGS.actions,
  ...CHILDREN.actions,
  ...RECOVERY.actions,
  ...DELEGATES.actions,
  ...RELATIONSHIPS.actions,
  ...CONSENT.actions,
};
