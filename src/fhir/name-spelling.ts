/** Registered and used forms of one given name. */
const SHORT_FORMS: readonly (readonly string[])[] = [
  ["william", "bill", "billy", "will", "willy", "liam"],
  ["robert", "bob", "bobby", "rob", "robbie"],
  ["richard", "dick", "rick", "rich"],
  ["margaret", "peggy", "meg", "maggie", "greta"],
  ["elizabeth", "liz", "lizzie", "beth", "betty", "eliza", "elisabeth"],
  ["katherine", "catherine", "kate", "katie", "kathy", "cathy", "katharina"],
  ["james", "jim", "jimmy", "jamie"],
  ["john", "jack", "johnny"],
  ["alexander", "alex", "alec", "sandy", "sasha", "xander", "aleksander"],
  ["francisco", "paco", "pancho", "francis", "frank"],
  ["jose", "pepe"],
  ["christopher", "chris", "kit"],
  ["theodora", "dora", "thea"],
  ["edward", "ed", "eddie", "ted", "ned"],
  ["charles", "charlie", "chuck"],
  ["henry", "harry", "hank"],
  ["michael", "mike", "mick"],
  ["anthony", "tony"],
  ["susan", "sue", "susie"],
  ["patricia", "pat", "patty", "tricia"],
  ["ignacio", "nacho"],
  ["johannes", "hans", "jan"],
  ["mohammed", "mohd", "md"],
];
const SHORT_FORM = new Map(SHORT_FORMS.flatMap((forms) => forms.map((form) => [form, forms[0]] as const)));

/** A short form and the name that it is short for. Two short forms may be the names of two sisters: Eliza and Beth. */
function isShortFor(one: string, other: string, loosely: boolean): boolean {
  const form = SHORT_FORM.get(one);
  return form !== undefined && form === SHORT_FORM.get(other) && (loosely || form === one || form === other);
}

/**
 * Whether two words are one name: spelt alike, transliterated in two ways, an initial, or a usual short form.
 *
 * @param one and other in lower case, without accents
 * @param loosely also a slip of the pen, or the beginning of a name
 * @example
 * isSameWord("mueller", "muller", false) // true
 * isSameWord("karin", "karen", false) // false
 */
export function isSameWord(one: string, other: string, loosely: boolean): boolean {
  if (one === other) return true;
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one];
  if (shorter.length === 1) return longer.startsWith(shorter);
  if (isShortFor(one, other, loosely)) return true;
  const [x, y] = [soundOf(one), soundOf(other)];
  if (x === y) return true;
  if (!loosely) return false;
  if (shorter.length >= 3 && longer.startsWith(shorter)) return true;
  if (skeletonOf(x) === skeletonOf(y) && skeletonOf(x).length > 1) return true;
  return shorter.length > 2 && distance(x, y) <= (shorter.length < 7 ? 1 : 2);
}

/** One spelling for what alphabets write in several ways when they are turned into Latin letters. */
function soundOf(word: string): string {
  return word
    .replace(/^m[ou]h?am+[ae]d$/, "mohammed")
    .replace(/ae|ä/g, "a")
    .replace(/oe|ou/g, "o")
    .replace(/ue/g, "u")
    .replace(/tsch|tch|cz/g, "ch")
    .replace(/sch|sz/g, "sh")
    .replace(/ph/g, "f")
    .replace(/th/g, "t")
    .replace(/kh/g, "h")
    .replace(/oh(?=[^aeiou]|$)/g, "o")
    .replace(/[yj]/g, "i")
    .replace(/w/g, "v")
    .replace(/ks/g, "x")
    .replace(/(.)\1+/gu, "$1");
}

/** The consonants, without what ends a word unheard. */
const skeletonOf = (sound: string): string => sound.replace(/h$/, "").replace(/(?<=.)[aeiou]/g, "");

/** Edits of one letter, and of two neighbours that changed places. @see https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance */
function distance(one: string, other: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const cost = one[i - 1] === other[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[other.length] ?? 0;
}
