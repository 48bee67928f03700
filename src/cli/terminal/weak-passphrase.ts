import { ChartChainError } from "../../errors/index.js";

/**
 * The fewest characters. The files can be copied and tried out elsewhere; scrypt makes that slow, and length does the rest
 * (NIST SP 800-63B, 3.1.1.2, has 15 for a password that guards alone).
 */
const SHORTEST = 12;

/** What lists of leaked passwords are made of, longer ones by repeating them or adding digits. */
const COMMON = new Set(
  `abc abcd abcdef abcdefgh abcdefghijkl admin administrator access account alpha america asdf asdfgh asdfghjkl asdfghjkl;
  baseball basketball batman bitcoin blink butterfly changeme charlie chart chartchain chocolate computer cookie
  correcthorsebatterystaple daniel default demo diamond doctor donald dragon ethereum facebook football forever freedom
  fuckyou google guest hannah health hello helloworld hospital hunter iloveyou internet jennifer jessica jordan killer
  king letmein letmeinplease liverpool login love loveme lovely manchester master medical michael michelle monkey mustang
  mypassword nothing opensesame ninja nicole ok pass passphrase passw passwd password passwort patient pokemon princess
  private qaz qazwsx qazwsxedc qwe qwer qwert qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop root samsung secret
  secure security shadow sophie starwars summer sunshine superman supersecret system temp temppassword test testing
  testpassword thomas tigger topsecret trustno trustnoone user username vault wallet welcome whatever winter yourpassword
  zaq zaqwsx zxc zxcvb zxcvbn zxcvbnm`.split(/\s+/),
);

const LOOKALIKES: Record<string, string> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/**
 * Refuses a new passphrase that is guessed at once.
 *
 * @param names what others know of its owner: a passphrase that is nothing else is refused
 * @throws PASSPHRASE_WEAK
 */
export function refuseWeak(passphrase: string, names: readonly string[] = []): void {
  const why = weakness(passphrase.normalize("NFKC"), names);
  if (why === undefined) return;
  throw new ChartChainError("PASSPHRASE_WEAK", `this passphrase is too weak: ${why}`, {
    hint: "Take four or more words that don't belong together, such as nobody has said before. Nothing was made or changed.",
  });
}

function weakness(passphrase: string, names: readonly string[]): string | undefined {
  const letters = [...passphrase];
  if (letters.length < SHORTEST) return `it has fewer than ${SHORTEST} characters`;
  if (new Set(letters).size < 5) return "it repeats a few characters";
  if (isSequence(letters)) return "its characters follow each other";
  const words = [...COMMON, ...names.map(plain).filter((name) => name.length > 2)];
  // "P4ssw0rd-2026!" is "password": lower case, letters for what looks like them, and nothing behind it.
  const forms = [passphrase, passphrase.replace(/[\d\P{L}]+$/u, "")].flatMap((text) => [
    plain(text),
    plain([...text].map((letter) => LOOKALIKES[letter] ?? letter).join("")),
  ]);
  const isKnown = forms.some((form) => words.some((word) => form === word || isRepeated(form, word)));
  return isKnown ? "it is among those that are tried first" : undefined;
}

const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L};]/gu, "");

const isRepeated = (text: string, word: string): boolean =>
  text.length > word.length && text.length % word.length === 0 && text === word.repeat(text.length / word.length);

function isSequence(letters: readonly string[]): boolean {
  const steps = letters.slice(1).map((letter, i) => letter.codePointAt(0)! - letters[i]!.codePointAt(0)!);
  return steps.filter((step) => Math.abs(step) <= 1).length >= steps.length - 1;
}
