import type { Signer } from "ethers";

import { GENOMIC, HRESCH, MEDICATION, SUMMARY, grantToInsurer, maskOf } from "./grants.js";
import { DAY, PURPOSES, authorize, categoriesOf, type Grant, type Message } from "./typed-data.js";
import { now, type World } from "./world.js";

/** What a revocation takes away, as the contract takes it. */
export type Scope = Pick<Grant, "viewer" | "purpose" | "steward" | "categories">;

export const scopeOf = ({ viewer, purpose, steward, categories }: Grant): Scope => ({
  viewer,
  purpose,
  steward,
  categories,
});

type Chain = Pick<World, "consents" | "registrar" | "names" | "networkHelpers">;

/** What an entry of either kind says. */
async function entryOf(world: Chain, patient: bigint, scope: Scope): Promise<Message> {
  const { viewer, purpose, steward, categories } = scope;
  const [{ generation, version }] = await world.consents.grantOf(patient, viewer, purpose, steward);
  return {
    viewer,
    viewerName: world.names.get(viewer) ?? "",
    purpose: PURPOSES[purpose] ?? "",
    categories: categoriesOf(categories),
    steward,
    stewardName: world.names.get(steward) ?? "",
    generation,
    version,
  };
}

/** What a wallet shows for several changes at once, under the counters as they are now. */
export async function changesMessage(
  world: Chain,
  patient: bigint,
  revocations: readonly Scope[],
  grants: readonly Grant[],
) {
  const [, signatureEpoch] = await world.registrar.epochsOf(patient);
  const granted = async (given: Grant): Promise<Message> => ({
    ...(await entryOf(world, patient, given)),
    sensitiveFromAnySteward: given.sensitiveFromAnySteward,
    until: given.until,
  });
  return {
    patient,
    revocations: await Promise.all(revocations.map((scope) => entryOf(world, patient, scope))),
    grants: await Promise.all(grants.map(granted)),
    signatureEpoch,
    deadline: BigInt((await now(world)) + DAY),
  };
}

/** A patient's signature under several changes at once. */
export async function signChanges(world: Chain, by: Signer, revocations: readonly Scope[], grants: readonly Grant[]) {
  const patient = await world.registrar.participantOf(await by.getAddress());
  return authorize(world.consents, "ConsentChanges", await changesMessage(world, patient, revocations, grants), by);
}

/** What stands before: the insurer's and bob's grants. What is to become: one revoked, one shortened, two new. */
export async function prepareChanges(world: World) {
  const { consents, alice, ids } = world;
  const insurers = await grantToInsurer(world);
  const bobs = await grantToInsurer(world, { viewer: ids.bob, steward: 0n, purpose: 6 });
  for (const given of [insurers, bobs]) await consents.connect(alice).grant(ids.alice, given);
  const shorter = { ...bobs, categories: maskOf(SUMMARY), until: bobs.until - BigInt(10 * DAY) };
  const research = await grantToInsurer(world, {
    viewer: ids.laboratory,
    purpose: HRESCH,
    steward: 0n,
    categories: maskOf(MEDICATION, GENOMIC),
    sensitiveFromAnySteward: true,
  });
  const treatment = await grantToInsurer(world, { viewer: ids.laboratory });
  return { insurers, bobs, revocations: [scopeOf(insurers)], grants: [shorter, research, treatment] };
}
type Change = (world: World, by: Signer, revocations: Scope[], grants: Grant[]) => Promise<unknown>;

/** The two ways to change several at once. */
export const CHANGES: Record<"changeConsents" | "changeConsentsWithSig", Change> = {
  changeConsents: ({ consents }, by, revocations, grants) => consents.connect(by).changeConsents(revocations, grants),
  changeConsentsWithSig: async (world, by, revocations, grants) =>
    world.consents
      .connect(world.relayer)
      .changeConsentsWithSig(revocations, grants, await signChanges(world, by, revocations, grants)),
};

/** Every message that differs from this one in exactly one place, by where that is. */
export function mutations(message: Message, path = ""): [string, Message][] {
  return Object.entries(message).flatMap(([field, value]): [string, Message][] => {
    const where = path + field;
    const put = (changed: Message[string]): Message => ({ ...message, [field]: changed });
    if (Array.isArray(value)) {
      const inner = value.flatMap((entry, i) =>
        mutations(entry, `${where}[${i}].`).map(([at, changed]): [string, Message] => [
          at,
          put(value.map((other, j) => (i === j ? changed : other))),
        ]),
      );
      return [
        ...inner,
        [`${where}, the last one left out`, put(value.slice(0, -1))],
        [`${where}, the last one twice`, put([...value, value.at(-1)!])],
        [`${where}, in another order`, put([...value].reverse())],
      ];
    }
    if (typeof value === "object") {
      return mutations(value, `${where}.`).map(([at, changed]): [string, Message] => [at, put(changed)]);
    }
    if (typeof value === "boolean") return [[where, put(!value)]];
    if (typeof value === "string") return [[where, put(`${value} `)]];
    return [[where, put(BigInt(value) + 1n)]];
  });
}
