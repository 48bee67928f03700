/**
 * Who may see what, as a plain table. It knows no words, lanes, epochs or keys: a grant is an entry, a revocation takes
 * entries out, and the question is answered by looking.
 */
export interface Entry {
  patient: bigint;
  viewer: bigint;
  /** Whose records; 0 for every steward's. */
  steward: bigint;
  purpose: number;
  category: number;
  /** The second at which it is over. */
  until: number;
}

/** Somebody who sees what the patient sees: a delegate, or a representative. */
export interface Deputy {
  patient: bigint;
  viewer: bigint;
  categories: readonly number[];
  until: number;
}

/** A glass that was broken: what the patient's policy admitted at that time. */
export interface Glass {
  patient: bigint;
  responder: bigint;
  categories: readonly number[];
  until: number;
}

interface Licence {
  isProvider: boolean;
  isResponder?: boolean;
  until: number;
  suspended: boolean;
}

export interface Question {
  patient: bigint;
  steward: bigint;
  viewer: bigint;
  category: number;
  purpose: number;
}

const ETREAT = 1;

/** SUMMARY and MEDICATION. */
const DEFAULT_POLICY: readonly number[] = [0, 1];

export class ConsentModel {
  readonly persons = new Set<bigint>();
  readonly licences = new Map<bigint, Licence>();
  /** Until when each steward's relationship is active: patient → steward → second. */
  readonly active = new Map<bigint, Map<bigint, number>>();
  /** What a patient admits in an emergency, where that isn't what everybody does. */
  readonly policies = new Map<bigint, readonly number[]>();
  entries: Entry[] = [];
  deputies: Deputy[] = [];
  glasses: Glass[] = [];

  grant(entry: Omit<Entry, "category">, categories: readonly number[]) {
    for (const category of categories) {
      this.revoke((old) => sameQuestion(old, { ...entry, category }));
      this.entries.push({ ...entry, category });
    }
  }

  revoke(matches: (entry: Entry) => boolean) {
    this.entries = this.entries.filter((entry) => !matches(entry));
  }

  /** A deputy of the patient, in the place of what the same one was before. */
  appoint(deputy: Deputy) {
    this.dismiss((old) => old.patient === deputy.patient && old.viewer === deputy.viewer);
    this.deputies.push(deputy);
  }

  dismiss(matches: (deputy: Deputy) => boolean) {
    this.deputies = this.deputies.filter((deputy) => !matches(deputy));
  }

  mayView(question: Question, time: number): boolean {
    const { patient, steward, viewer, category } = question;
    if (!this.persons.has(patient)) return false;
    if (viewer === patient) return true;

    const activeUntil = this.active.get(patient)?.get(steward) ?? 0;
    if (viewer === steward && time < activeUntil && this.isLive(steward, time, true)) return true;

    const isDeputy = (deputy: Deputy) =>
      deputy.patient === patient &&
      deputy.viewer === viewer &&
      deputy.categories.includes(category) &&
      time < deputy.until;
    if (this.deputies.some(isDeputy)) return true;

    if (!this.persons.has(viewer) && !this.isLive(viewer, time, false)) return false;
    return this.wasGranted(question, time) || this.isEmergency(question, time);
  }

  private wasGranted({ patient, steward, viewer, category, purpose }: Question, time: number): boolean {
    return this.entries.some(
      (entry) =>
        entry.patient === patient &&
        entry.viewer === viewer &&
        entry.category === category &&
        entry.purpose === purpose &&
        (entry.steward === steward || entry.steward === 0n) &&
        time < entry.until,
    );
  }

  private isEmergency({ patient, viewer, category, purpose }: Question, time: number): boolean {
    if (purpose !== ETREAT || this.licences.get(viewer)?.isResponder !== true) return false;
    if (!(this.policies.get(patient) ?? DEFAULT_POLICY).includes(category)) return false;
    return this.glasses.some(
      (glass) =>
        glass.patient === patient &&
        glass.responder === viewer &&
        glass.categories.includes(category) &&
        time < glass.until,
    );
  }

  private isLive(id: bigint, time: number, asProvider: boolean): boolean {
    const licence = this.licences.get(id);
    if (licence === undefined || licence.suspended || time >= licence.until) return false;
    return licence.isProvider || !asProvider;
  }
}

const sameQuestion = (a: Entry, b: Omit<Entry, "until">) =>
  a.patient === b.patient &&
  a.viewer === b.viewer &&
  a.steward === b.steward &&
  a.purpose === b.purpose &&
  a.category === b.category;
