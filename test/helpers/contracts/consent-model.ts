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

interface Licence {
  isProvider: boolean;
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

export class ConsentModel {
  readonly persons = new Set<bigint>();
  readonly licences = new Map<bigint, Licence>();
  /** Until when each steward's relationship is active: patient → steward → second. */
  readonly active = new Map<bigint, Map<bigint, number>>();
  entries: Entry[] = [];

  grant(entry: Omit<Entry, "category">, categories: readonly number[]) {
    for (const category of categories) {
      this.revoke((old) => sameQuestion(old, { ...entry, category }));
      this.entries.push({ ...entry, category });
    }
  }

  revoke(matches: (entry: Entry) => boolean) {
    this.entries = this.entries.filter((entry) => !matches(entry));
  }

  mayView({ patient, steward, viewer, category, purpose }: Question, time: number): boolean {
    if (!this.persons.has(patient)) return false;
    if (viewer === patient) return true;

    const activeUntil = this.active.get(patient)?.get(steward) ?? 0;
    if (viewer === steward && time < activeUntil && this.isLive(steward, time, true)) return true;

    if (!this.persons.has(viewer) && !this.isLive(viewer, time, false)) return false;
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
