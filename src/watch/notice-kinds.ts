import type { Result } from "ethers";

import {
  type Category,
  categoriesOf,
  EVERY_STEWARD,
  OUTCOMES,
  type Outcome,
  PURPOSES,
  type Purpose,
  type RecoveryStage,
  RECOVERY_STAGES,
  type Role,
  rolesOf,
} from "../sdk/index.js";

/** Which event a notice is about. Participants by number, times in seconds since 1970. */
export interface NoticeKinds {
  /** A provider proposed a relationship to a patient; `until` 0: without an end. */
  proposal: { patient: number; provider: number; nonce: number; until: number };
  /** A relationship changed. `by` is whoever suspended, resumed or ended it; the one who alone can, otherwise. */
  relationship: {
    patient: number;
    provider: number;
    change: "approved" | "declined" | "withdrawn" | "suspended" | "resumed" | "ended" | "blocked" | "unblocked";
    by: number;
  };
  /** Records were anchored: `count` numbers of the patient's history, from `index` on. Some may be dummies. */
  record: { patient: number; author: number; index: number; count: number };
  /** A patient allowed a viewer something. `steward` is {@link EVERY_STEWARD} for every steward's records. */
  grant: {
    patient: number;
    viewer: number;
    steward: number;
    purpose: Purpose;
    categories: Category[];
    until: number;
    constrained: boolean;
  };
  /** A patient took something back: categories of a grant, all that a viewer had, or all that everybody had. */
  revocation: { patient: number } & (
    | { of: "grant"; viewer: number; steward: number; purpose: Purpose; categories: Category[] }
    | { of: "viewer"; viewer: number }
    | { of: "everybody" }
  );
  /** A responder broke the glass. */
  emergency: { patient: number; responder: number; number: number; categories: Category[]; until: number };
  /** Somebody said whether there was an emergency; `by` 0: the authority. */
  review: { patient: number; responder: number; number: number; outcome: Outcome; by: number };
  /** A recovery of an account went a step on. Where nobody meant it, it has to be stopped in time. */
  recovery: {
    participant: number;
    starter: number;
    number: number;
    step: "started" | "approved" | "vetoed" | "executed";
    stage: RecoveryStage;
  };
  /** A participant's key, accounts or guardians change, from `from` on, or a change was called off. */
  account: {
    participant: number;
    change: "key" | "key called off" | "account added" | "account retiring" | "account kept" | "guardians" | "settings";
    /** Undefined where it counts at once. */
    from: number | undefined;
  };
  /** Somebody may act in a patient's place, or no longer. `source` and `by` 0: the patient. */
  delegate: { patient: number; delegate: number; change: "appointed" | "dismissed"; by: number };
  /** What an institution may act as changed. */
  licence: {
    institution: number;
    change: "licensed" | "suspended" | "suspension confirmed" | "reinstated" | "operators frozen" | "operators thawed";
    roles: Role[] | undefined;
    until: number | undefined;
  };
}

export type NoticeKind = keyof NoticeKinds;

/** How one event becomes a notice. */
interface Reader<Kind extends NoticeKind = NoticeKind> {
  kind: Kind;
  read: (args: Result) => NoticeKinds[Kind];
}

const number = (args: Result, name: string): number => Number(args[name] as bigint);
const categories = (args: Result): Category[] => categoriesOf(number(args, "categories"));
const purpose = (args: Result): Purpose => PURPOSES[number(args, "purpose")]!;
const of = <Kind extends NoticeKind>(kind: Kind, read: (args: Result) => NoticeKinds[Kind]): Reader => ({ kind, read });

const relationship = (change: NoticeKinds["relationship"]["change"], by: "patient" | "provider" | "by") =>
  of("relationship", (args) => ({
    patient: number(args, "patient"),
    provider: number(args, "provider"),
    change,
    by: number(args, by),
  }));

const granted = (isConstrained: (args: Result) => boolean) =>
  of("grant", (args) => ({
    patient: number(args, "patient"),
    viewer: number(args, "viewer"),
    steward: number(args, "steward") || EVERY_STEWARD,
    purpose: purpose(args),
    categories: categories(args),
    until: number(args, "until"),
    constrained: isConstrained(args),
  }));

const recovery = (step: NoticeKinds["recovery"]["step"], stage: (args: Result) => RecoveryStage) =>
  of("recovery", (args) => ({
    participant: number(args, "id"),
    starter: number(args, "starter"),
    number: number(args, "number"),
    step,
    stage: stage(args),
  }));

const account = (change: NoticeKinds["account"]["change"], hasTime: boolean) =>
  of("account", (args) => ({
    participant: number(args, "id"),
    change,
    from: hasTime ? number(args, "from") : undefined,
  }));

const licence = (change: NoticeKinds["licence"]["change"], has: { roles?: boolean; until?: boolean } = {}) =>
  of("licence", (args) => ({
    institution: number(args, "id"),
    change,
    roles: has.roles === true ? rolesOf(number(args, "roles")) : undefined,
    until: has.until === true ? number(args, "until") : undefined,
  }));

const stageOf = (args: Result): RecoveryStage => RECOVERY_STAGES[number(args, "stage")]!;

/** By contract and event. What isn't here, nobody is told of. */
export const READERS: Record<string, Record<string, Reader>> = {
  PatientProviderRelationships: {
    RelationshipProposed: of("proposal", (args) => ({
      patient: number(args, "patient"),
      provider: number(args, "provider"),
      nonce: number(args, "nonce"),
      until: number(args, "until"),
    })),
    RelationshipApproved: relationship("approved", "patient"),
    RelationshipDeclined: relationship("declined", "patient"),
    RelationshipWithdrawn: relationship("withdrawn", "provider"),
    RelationshipSuspended: relationship("suspended", "by"),
    RelationshipResumed: relationship("resumed", "by"),
    RelationshipEnded: relationship("ended", "by"),
    ProviderBlocked: relationship("blocked", "patient"),
    ProviderUnblocked: relationship("unblocked", "patient"),
  },
  Records: {
    RecordAnchored: of("record", (args) => ({
      patient: number(args, "patient"),
      author: number(args, "author"),
      index: number(args, "index"),
      count: 1,
    })),
    BatchAnchored: of("record", (args) => ({
      patient: number(args, "patient"),
      author: number(args, "author"),
      index: number(args, "index"),
      count: number(args, "count"),
    })),
  },
  Consents: {
    Granted: granted(() => false),
    GrantConstrained: granted((args) => BigInt(args["constraintDigest"] as string) !== 0n),
    GrantRevoked: of("revocation", (args) => ({
      of: "grant",
      patient: number(args, "patient"),
      viewer: number(args, "viewer"),
      steward: number(args, "steward"),
      purpose: purpose(args),
      categories: categories(args),
    })),
    ViewerRevoked: of("revocation", (args) => ({
      of: "viewer",
      patient: number(args, "patient"),
      viewer: number(args, "viewer"),
    })),
    GlassBroken: of("emergency", (args) => ({
      patient: number(args, "patient"),
      responder: number(args, "responder"),
      number: number(args, "number"),
      categories: categories(args),
      until: number(args, "until"),
    })),
    EmergencyReviewed: of("review", (args) => ({
      patient: number(args, "patient"),
      responder: number(args, "responder"),
      number: number(args, "number"),
      outcome: OUTCOMES[number(args, "outcome")]!,
      by: number(args, "by"),
    })),
  },
  Registrar: {
    AllRevoked: of("revocation", (args) => ({ of: "everybody", patient: number(args, "patient") })),
    RecoveryStarted: recovery("started", () => "Collecting"),
    RecoveryApproved: recovery("approved", stageOf),
    RecoveryVetoed: recovery("vetoed", stageOf),
    Recovered: recovery("executed", () => "None"),
    KeyChanging: account("key", true),
    KeyChangeCancelled: account("key called off", false),
    AccountAdded: account("account added", true),
    AccountRetiring: account("account retiring", true),
    AccountKept: account("account kept", false),
    GuardiansChanging: account("guardians", true),
    SettingsChanged: account("settings", false),
    Licensed: licence("licensed", { roles: true, until: true }),
    Suspended: licence("suspended", { until: true }),
    SuspensionConfirmed: licence("suspension confirmed"),
    Reinstated: licence("reinstated"),
    OperatorsFrozen: licence("operators frozen"),
    OperatorsThawed: licence("operators thawed"),
  },
  Delegates: {
    DelegateAppointed: of("delegate", (args) => ({
      patient: number(args, "patient"),
      delegate: number(args, "delegate"),
      change: "appointed",
      by: number(args, "source"),
    })),
    DelegateDismissed: of("delegate", (args) => ({
      patient: number(args, "patient"),
      delegate: number(args, "delegate"),
      change: "dismissed",
      by: number(args, "by"),
    })),
  },
};
