import { id as keccakOfText, type Signer } from "ethers";

import { PROVIDER, keyDocumentOf } from "../../../devnet/index.js";
import { decree } from "./decrees.js";
import { signAtRegistrar } from "./signatures.js";
import { DAY, type Message } from "./typed-data.js";
import { COMMITMENT, KEY_DOCUMENT, now, type World } from "./world.js";

export const GROWN_KEY = keyDocumentOf("a grown child");

/** When a calendar year begins, in UTC (seconds). */
export const startOf = (year: number) => Date.UTC(year, 0, 1) / 1000;

/** The calendar year on chain. */
export const yearOf = async (world: Pick<World, "networkHelpers">) =>
  new Date((await now(world)) * 1000).getUTCFullYear();

/** Licenses the general hospital for sixty years: longer than a childhood. */
export async function licenseForLong(world: World) {
  const until = (await now(world)) + 60 * 365 * DAY;
  return decree(world, "license", [world.ids.hospital, keccakOfText("General Hospital"), PROVIDER, until]);
}

export interface Birth {
  keyDocument: string;
  commitment: string;
  comesOfAgeIn: number;
}

export const birthOf = (comesOfAgeIn: number, change: Partial<Birth> = {}): Birth => ({
  keyDocument: KEY_DOCUMENT,
  commitment: COMMITMENT,
  comesOfAgeIn,
  ...change,
});

/** The two ways to register a child: as the representative, and by the representative's signature. */
export const WAYS = ["direct", "signed"] as const;
export type Way = (typeof WAYS)[number];

/** `representative` registers a child that `clinic` attests; either signature may say something else than it should. */
export async function registerChild(
  world: World,
  way: Way,
  { representative, clinic, birth }: { representative: Signer; clinic: Signer; birth: Birth },
  twist: { clinic?: Message; representative?: Message } = {},
) {
  const { registrar, relayer } = world;
  const { keyDocument, commitment, comesOfAgeIn } = birth;
  const parties = {
    representative: await registrar.participantOf(await representative.getAddress()),
    issuer: await registrar.participantOf(await clinic.getAddress()),
  };
  const attested = { ...birth, ...parties };
  const attesting = await signAtRegistrar(world, "ChildRegistration", clinic, { ...attested, ...twist.clinic });
  if (way === "direct") {
    return registrar.connect(representative).registerChild(keyDocument, commitment, comesOfAgeIn, attesting);
  }
  const representing = await signAtRegistrar(world, "ChildRepresentation", representative, {
    ...attested,
    ...twist.representative,
  });
  return registrar
    .connect(relayer)
    .registerChildWithSig(keyDocument, commitment, comesOfAgeIn, attesting, representing);
}

/** `account` takes the child's place, as `clinic` attests; `sender` sends it. */
export async function comeOfAge(
  world: World,
  child: bigint,
  {
    account,
    clinic,
    sender,
    keyDocument = GROWN_KEY,
  }: { account: Signer; clinic: Signer; sender: Signer; keyDocument?: string },
  twist: { clinic?: Message; joining?: Message } = {},
) {
  const { registrar } = world;
  const address = await account.getAddress();
  const joined = { child, account: address, keyDocument, ...twist.joining };
  const joining = await signAtRegistrar(world, "ComingOfAgeAccount", account, joined);
  const attested = { child, account: address, keyDocument, ...twist.clinic };
  const attesting = await signAtRegistrar(world, "ComingOfAge", clinic, attested);
  return registrar.connect(sender).comeOfAge(child, keyDocument, joining, attesting);
}
