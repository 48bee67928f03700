import { isDeepStrictEqual } from "node:util";

import { asking, foundBy, signedIn, type Ask } from "./gatekeeper.js";
import { actFor, type KeptResource, type Tour, type TourGatekeeper } from "./workflow.js";

/**
 * Over HTTP, the clinic finds exactly what was granted, as it was written, by search and by name; an outsider who signs in finds
 * nothing, and who doesn't isn't let in. The hospital's own staff finds all.
 */
export async function gatekeeperEnforces(tour: Tour, gatekeeper: TourGatekeeper): Promise<boolean> {
  const { kept, granted, url, staffSecret } = gatekeeper;
  const types = new Set(kept.map(({ name }) => name.split("/")[0]!));
  const isGranted = ({ categories }: KeptResource) => granted.some((category) => categories.has(category));
  const clinic = await signedIn(gatekeeper, tour.cityClinic);
  const outsider = await signedIn(gatekeeper, tour.institute);

  const shown = kept.filter(isGranted);
  if (shown.length === 0 || !areSame(await foundBy(clinic, types), shown)) return false;
  if (!areSame(await foundBy(asking(url, staffSecret), types), kept)) return false;
  if ((await foundBy(outsider, types)).size > 0) return false;
  for (const each of kept) {
    if (!(await answersAll(clinic, each.name, isGranted(each) ? 200 : 404))) return false;
    if (!(await answersAll(outsider, each.name, 404))) return false;
  }
  return (await asking(url)(kept[0]!.name)).status === 401;
}

/** From the moment that a revocation is mined, what was read until then is there no more; the hospital's own staff still reads it. */
export async function reductionAtOnce(tour: Tour, gatekeeper: TourGatekeeper): Promise<boolean> {
  const { kept, granted, hospital, patient, url, staffSecret } = gatekeeper;
  const { name } = kept.find(({ categories }) => granted.some((category) => categories.has(category)))!;
  const clinic = await signedIn(gatekeeper, tour.cityClinic);
  if (!(await answersAll(clinic, name, 200))) return false;

  const way = { viewer: tour.cityClinic.id, purpose: "TREAT" as const, steward: hospital.id };
  await actFor(tour, patient, {
    direct: (client) => client.revokeAccess(way),
    signed: (client) => client.signRevokeAccess(way),
  });

  if (!(await answersAll(clinic, name, 404))) return false;
  const types = new Set(kept.map((each) => each.name.split("/")[0]!));
  if ((await foundBy(clinic, types)).size > 0) return false;
  return answersAll(asking(url, staffSecret), name, 200);
}

/** Whether a resource, and its history, is answered so. */
const answersAll = async (ask: Ask, name: string, status: number): Promise<boolean> =>
  (await ask(name)).status === status && (await ask(`${name}/_history`)).status === status;

/** A Patient may be shown without what makes it sensitive: of one the name counts alone. */
const areSame = (found: ReadonlyMap<string, object>, expected: readonly KeptResource[]): boolean =>
  found.size === expected.length &&
  expected.every(
    ({ name, resource }) =>
      found.has(name) && (name.startsWith("Patient/") || isDeepStrictEqual(found.get(name), resource)),
  );
