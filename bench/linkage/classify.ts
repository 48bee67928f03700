/** Something whose kind is to be told from its size. */
export interface Sized {
  /** In bytes. */
  size: number;
  /** What it is; the classifier sees it of others alone. */
  kind: string;
  /** Of whom: what is tested is never of somebody that the classifier was fitted to. */
  group: string | number;
  /** For how many it stands (default: 1). */
  weight?: number;
}

/** How often the kind was told right. */
export interface Accuracy {
  /** By the size. */
  fitted: number;
  /** By always saying what is the most frequent kind among the others. */
  guessed: number;
}

/** How many neighbours may vote; which number does best on those that it is fitted to is taken. */
const NEIGHBOURS = [1, 3, 5, 9, 15, 25];

/**
 * Nearest neighbours by size, cross-validated by group: each group is told by what the classifier learnt from the others.
 * The number of neighbours is chosen among these others, by the same way.
 *
 * @returns shares between 0 and 1 of the weight; both 0 where there are fewer than two groups
 */
export function tellKinds(items: readonly Sized[]): Accuracy {
  const groups = [...new Set(items.map(({ group }) => group))];
  if (groups.length < 2) return { fitted: 0, guessed: 0 };
  let [fitted, guessed] = [0, 0];
  for (const group of groups) {
    const others = items.filter((item) => item.group !== group);
    const own = items.filter((item) => item.group === group);
    fitted += rightly(own, others, bestNumber(others));
    const usual = most(others);
    guessed += weightOf(own.filter(({ kind }) => kind === usual));
  }
  const all = weightOf(items);
  return { fitted: fitted / all, guessed: guessed / all };
}

/** Which number of neighbours tells the most rightly when each group is told by the others. */
function bestNumber(items: readonly Sized[]): number {
  const groups = [...new Set(items.map(({ group }) => group))];
  if (groups.length < 2) return 1;
  const scores = NEIGHBOURS.map((number) => {
    const score = groups.reduce<number>(
      (sum, group) =>
        sum +
        rightly(
          items.filter((item) => item.group === group),
          items.filter((item) => item.group !== group),
          number,
        ),
      0,
    );
    return { number, score };
  });
  return scores.reduce((best, each) => (each.score > best.score ? each : best)).number;
}

/** The weight of those that are told rightly. */
function rightly(own: readonly Sized[], others: readonly Sized[], number: number): number {
  const told = new Map<number, string>();
  return weightOf(
    own.filter(({ size, kind }) => {
      if (!told.has(size)) told.set(size, vote(size, others, number));
      return told.get(size) === kind;
    }),
  );
}

/**
 * What most of the nearest are. Padding makes many equally near, and all that are as near as the last one vote; of two kinds
 * with as many votes it is the one with the nearest.
 */
function vote(size: number, others: readonly Sized[], number: number): string {
  const byDistance = others
    .map(({ size: other, kind, weight = 1 }) => ({ far: Math.abs(Math.log2(other / size)), kind, weight }))
    .sort((a, b) => a.far - b.far);
  const reach = byDistance[Math.min(number, byDistance.length) - 1]!.far;
  return most(byDistance.filter(({ far }) => far <= reach));
}

/** The most frequent kind; of two that are as frequent the first. */
function most(items: readonly Pick<Sized, "kind" | "weight">[]): string {
  const votes = new Map<string, number>();
  for (const { kind, weight = 1 } of items) votes.set(kind, (votes.get(kind) ?? 0) + weight);
  return [...votes].reduce((leading, each) => (each[1] > leading[1] ? each : leading))[0];
}

const weightOf = (items: readonly Sized[]): number => items.reduce((sum, { weight = 1 }) => sum + weight, 0);
