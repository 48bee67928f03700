/** A participant's kind, numbered as the contract numbers it. */
export const Kind = { NONE: 0n, PERSON: 1n, INSTITUTION: 2n } as const;

/** What an account may do, numbered as the contract numbers it. */
export const [OPERATOR, OWNER] = [0n, 1n];

/** SUMMARY and MEDICATION: what a responder sees unless the person decides otherwise. */
export const DEFAULT_EMERGENCY = 0b11;

const NOTHING = {
  kind: Kind.NONE as bigint,
  keyVersion: 0n,
  accountEpoch: 0n,
  roles: 0n,
  licensedUntil: 0n,
  suspendedUntil: 0n,
  accessEpoch: 0n,
  signatureEpoch: 0n,
  frozenUntil: 0n,
  longestGrant: 0n,
  emergency: 0n,
  knownOnly: false,
};

type Participant = Record<Exclude<keyof typeof NOTHING, "knownOnly">, bigint> & { knownOnly: boolean };

/** A participant's whole word as ethers returns it: nothing but what is named. */
export const participantWith = (stored: Partial<Participant> = {}) => Object.values({ ...NOTHING, ...stored });

/** A person right after the registration. */
export const newPerson = () =>
  participantWith({ kind: Kind.PERSON, keyVersion: 1n, emergency: BigInt(DEFAULT_EMERGENCY) });
