/** Something whose kind is to be told from what is seen of it. */
export interface Sighting {
  /**
   * What is seen, the most telling first: sizes and numbers, 0 or more each. Twice as much counts as equally far at every
   * scale.
   */
  seen: readonly number[];
  /** What it is; the classifier sees it of others alone. */
  kind: string;
  /** Of whom: what is tested is never of somebody that the classifier was fitted to. */
  group: string | number;
  /** For how many it stands (default: 1). */
  weight?: number;
}

/** How often the kind was told right. */
export interface Accuracy {
  /** By what is seen. */
  fitted: number;
  /** By always saying what is the most frequent kind among the others. */
  guessed: number;
}

/** How a kind is told: how many of the nearest vote, and by the first how many things that are seen they are near. */
interface Way {
  neighbours: number;
  things: number;
}

const NEIGHBOURS = [1, 3, 5, 9, 15, 25];

/**
 * Nearest neighbours, cross-validated by group: each group is told by what the classifier learnt from the others. How many
 * neighbours vote, and by how much of what is seen, is chosen among these others, by the same way.
 *
 * @returns shares between 0 and 1 of the weight; both 0 where there are fewer than two groups
 */
export function tellKinds(items: readonly Sighting[]): Accuracy {
  const groups = groupsOf(items);
  if (groups.length < 2) return { fitted: 0, guessed: 0 };
  let [fitted, guessed] = [0, 0];
  for (const group of groups) {
    const [own, others] = parted(items, group);
    const way = bestWay(others);
    fitted += rightly(own, others, way.things, [way.neighbours])[0]!;
    const usual = most(others);
    guessed += weightOf(own.filter(({ kind }) => kind === usual));
  }
  const all = weightOf(items);
  return { fitted: fitted / all, guessed: guessed / all };
}

/** Which way tells the most rightly when each group is told by the others; of two that are as good, what takes less. */
function bestWay(items: readonly Sighting[]): Way {
  const ways: (Way & { score: number })[] = [];
  for (let things = 1; things <= (items[0]?.seen.length ?? 1); things++) {
    const scores = NEIGHBOURS.map(() => 0);
    for (const group of groupsOf(items)) {
      const [own, others] = parted(items, group);
      if (others.length === 0) continue;
      for (const [i, score] of rightly(own, others, things, NEIGHBOURS).entries()) scores[i]! += score;
    }
    ways.push(...NEIGHBOURS.map((neighbours, i) => ({ neighbours, things, score: scores[i]! })));
  }
  return ways.reduce((best, each) => (each.score > best.score ? each : best));
}

/** The weight of those that are told rightly, for each number of neighbours. */
function rightly(
  own: readonly Sighting[],
  others: readonly Sighting[],
  things: number,
  neighbours: readonly number[],
): number[] {
  const scaled = others.map((other) => ({ ...other, at: scale(other, things) }));
  const told = new Map<string, string[]>();
  const scores = neighbours.map(() => 0);
  for (const item of own) {
    const at = scale(item, things);
    if (!told.has(String(at))) told.set(String(at), votes(at, scaled, neighbours));
    for (const [i, kind] of told.get(String(at))!.entries()) if (kind === item.kind) scores[i]! += item.weight ?? 1;
  }
  return scores;
}

const scale = ({ seen }: Sighting, things: number): number[] =>
  seen.slice(0, things).map((each) => Math.log2(1 + each));

/**
 * What most of the nearest are. Padding makes many equally near, and all that are as near as the last one vote; of two kinds
 * with as many votes it is the one with the nearest.
 */
function votes(
  at: readonly number[],
  others: readonly (Sighting & { at: readonly number[] })[],
  neighbours: readonly number[],
): string[] {
  const byDistance = others
    .map((other) => ({ ...other, far: Math.hypot(...at.map((each, i) => each - other.at[i]!)) }))
    .sort((a, b) => a.far - b.far);
  return neighbours.map((number) => {
    const reach = byDistance[Math.min(number, byDistance.length) - 1]!.far;
    return most(byDistance.filter(({ far }) => far <= reach));
  });
}

/** The most frequent kind; of two that are as frequent the first. */
function most(items: readonly Pick<Sighting, "kind" | "weight">[]): string {
  const counts = new Map<string, number>();
  for (const { kind, weight = 1 } of items) counts.set(kind, (counts.get(kind) ?? 0) + weight);
  return [...counts].reduce((leading, each) => (each[1] > leading[1] ? each : leading))[0];
}

const groupsOf = (items: readonly Sighting[]) => [...new Set(items.map(({ group }) => group))];

const parted = (items: readonly Sighting[], of: string | number): [own: Sighting[], others: Sighting[]] => [
  items.filter(({ group }) => group === of),
  items.filter(({ group }) => group !== of),
];

const weightOf = (items: readonly Sighting[]): number => items.reduce((sum, { weight = 1 }) => sum + weight, 0);
