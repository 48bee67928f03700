/** What a write may cost at the most, by the name under which it is measured. */
export const CEILINGS: Readonly<Record<string, number>> = {
  "register patient": 105_000,
  "attested identity": 62_000,
  propose: 67_000,
  "approve, new list word": 72_000,
  approve: 54_000,
  "accept offer, new list word": 108_000,
  "accept offer": 90_000,
  // Floor: 21,000, call data 1,060, three slots read for account, patient and viewer 6,300, the viewer's generation 2,100, two
  // contracts called 2,600, the lanes written 22,100 (5,000 once there), an event with six words 3,400: 58,600 (41,500).
  "grant, two categories": 68_500,
  "grant, eight categories": 68_500,
  "extend grant": 51_000,
  // 24,000 above a grant: a slot of its own, which whoever isn't constrained doesn't pay for.
  "constrain grant, the first time": 95_000,
  "constrain grant": 58_000,
  "grant over a constraint": 52_000,
  "revoke grant": 46_000,
  "revoke viewer": 42_000,
  "revoke all": 40_000,
  anchor: 48_000,
  // Floors: 21,000, call data 1,300, three slots read for author, relationship and licence 6,300, three contracts called
  // 5,000, the head written 5,000 (22,100 the first time), one event with three words 2,300: 40,900, the first time 58,000.
  "anchor batch": 49_500,
  "anchor batch, the first time": 66_500,
  "anchor batch, self-reported": 41_500,
  // Each further patient 16,000, the first time 33,000. Floor: call data 900, a slot read 2,100, a warm call 200, the
  // head 5,000 (22,100), an event 2,300: 10,500, the first time 27,600.
  "ten patients' batches": 193_500,
  "ten patients' batches, the first time": 363_500,
  // Floor: 21,000, call data 1,500, two slots read 4,200, a contract called 2,600, the head 5,000, an event with four words
  // 2,500: 36,800.
  "publish head": 44_000,
  "appoint delegate": 70_000,
  "break glass, the first time": 69_000,
  "break glass": 52_000,
  "start recovery": 80_000,
  "start recovery, one approval suffices": 80_000,
  // Up to 9,500 more than when the digest of guardians was computed in the Registrar: it is a contract of its own now, which
  // copies the list into memory twice, because the Registrar is as large as a contract may be.
  "approve recovery": 56_500,
  "approve recovery, sixteen guardians": 66_000,
  "approve recovery, the last": 61_500,
  "approve recovery, after a veto": 61_000,
  "open account": 75_000,
  claim: 95_000,
  "open study": 145_000,
  // Above 115,000: the signed grant takes 83,000 of it, a new word for the participation 22,000, and that the patient is
  // attested 5,000, as much as counting the cohort.
  "join study": 130_000,
  "release study, one participant": 66_000,
  deliver: 80_000,
  payout: 60_000,
  "ten grants to one viewer in one signature": 400_000,
  // Above 400,000: the slots, names, events and call data of ten new institutions alone take 357,000.
  "ten grants to ten viewers in one signature": 453_000,
};

/** What each further participant of a release may cost: four cold slots are 8,400 of it, call data up to 300. */
export const RELEASE_CEILING = 12_000;

/** How much more than the direct action a plain account's signature may cost. */
export const SIGNATURE_CEILING = 16_000;

/** Each signed action, and the direct one that does the same. */
export const SIGNED_TWINS: Readonly<Record<string, string>> = {
  "register patient, signed": "register patient",
  "approve, signed": "approve",
  "accept offer, both signed": "accept offer",
  "decline, signed": "decline",
  "end, signed": "end",
  "suspend relationship, signed": "suspend relationship",
  "resume relationship, signed": "resume relationship",
  "block provider, signed": "block provider",
  "unblock provider, signed": "unblock provider",
  "grant, two categories, signed": "grant, two categories",
  "grant, eight categories, signed": "grant, eight categories",
  "extend grant, signed": "extend grant",
  "constrain grant, the first time, signed": "constrain grant, the first time",
  "revoke grant, signed": "revoke grant",
  "revoke viewer, the first time, signed": "revoke viewer, the first time",
  "revoke viewer, signed": "revoke viewer",
  "revoke all, signed": "revoke all",
  "add account, signed": "add account",
  "retire account, signed": "retire account",
  "keep account, signed": "keep account",
  "cancel signatures, signed": "cancel signatures",
  "change key, signed": "change key",
  "cancel key change, signed": "cancel key change",
  "change settings, signed": "change settings",
  "register child, signed": "register child",
  "change guardians, the first time, signed": "change guardians, the first time",
  "start recovery, signed": "start recovery",
  "approve recovery, signed": "approve recovery",
  "veto recovery, signed": "veto recovery",
  "appoint delegate, signed": "appoint delegate",
  "dismiss delegate, signed": "dismiss delegate",
  "grant, by a delegate, signed": "grant, by a delegate",
  "approve, by a delegate, signed": "approve, by a delegate",
  "review, unjustified, signed": "review, unjustified",
  "open account, signed": "open account",
  "claim, by a statement, signed": "claim, by a statement",
  "take out interest, signed": "take out interest",
  "join study, signed": "join study",
  "withdraw from study, signed": "withdraw from study",
  "dispute, signed": "dispute",
  "payout, signed": "payout",
};
