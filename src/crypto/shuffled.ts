import { randomInt } from "./platform.js";

/** The items in an order that nobody foresees, each equally likely (Fisher and Yates). */
export function shuffled<T>(items: Iterable<T>): T[] {
  const list = [...items];
  for (let last = list.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
  return list;
}
