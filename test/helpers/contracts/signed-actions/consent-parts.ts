import { PURPOSES, type Message } from "../typed-data.js";

/** What a call takes, read back from the message that is signed. */

export const maskOf = (categories: unknown) =>
  Object.values(categories as Record<string, boolean>).reduce((mask, set, bit) => mask | (+set << bit), 0);

/** A purpose that isn't one is no call at all: it stands for the last one. */
const purposeOf = (message: Message) => {
  const purpose = (PURPOSES as readonly string[]).indexOf(message.purpose as string);
  return purpose < 0 ? PURPOSES.length - 1 : purpose;
};

export const scopeOf = (message: Message) => ({
  viewer: message.viewer as bigint,
  purpose: purposeOf(message),
  steward: message.steward as bigint,
  categories: maskOf(message.categories),
});

export const grantOf = (message: Message) => ({
  ...scopeOf(message),
  sensitiveFromAnySteward: message.sensitiveFromAnySteward as boolean,
  until: message.until as bigint,
});
