/** What a write may cost at the most, by the name under which it is measured. */
export const CEILINGS: Readonly<Record<string, number>> = {
  "register patient": 125_000,
  "attested identity": 62_000,
  propose: 67_000,
  "approve, new list word": 72_000,
  approve: 54_000,
  "accept offer, new list word": 108_000,
  "accept offer": 90_000,
  "grant, two categories": 71_000,
  "grant, eight categories": 71_000,
  "extend grant": 52_000,
  "revoke grant": 46_000,
  "revoke viewer": 42_000,
  "revoke all": 40_000,
  anchor: 48_000,
  "publish head": 44_000,
};

/** How much more than the direct action a plain account's signature may cost. */
export const SIGNATURE_CEILING = 16_000;

/** Each signed action, and the direct one that does the same. */
export const SIGNED_TWINS: Readonly<Record<string, string>> = {
  "register patient, signed": "register patient",
  "approve, signed": "approve",
  "accept offer, both signed": "accept offer",
  "decline, signed": "decline",
  "end, signed": "end",
  "grant, two categories, signed": "grant, two categories",
  "grant, eight categories, signed": "grant, eight categories",
  "extend grant, signed": "extend grant",
  "revoke grant, signed": "revoke grant",
  "revoke viewer, the first time, signed": "revoke viewer, the first time",
  "revoke viewer, signed": "revoke viewer",
  "revoke all, the first time, signed": "revoke all, the first time",
  "revoke all, signed": "revoke all",
};
