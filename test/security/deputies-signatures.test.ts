import { expect } from "chai";
import type { Signer } from "ethers";

import { startOf } from "../helpers/contracts/children.js";
import { ALL } from "../helpers/contracts/delegates.js";
import { grantToInsurer } from "../helpers/contracts/grants.js";
import { signAtDelegates, withCourt, type CourtWorld } from "../helpers/contracts/representatives.js";
import { signAtRegistrar } from "../helpers/contracts/signatures.js";
import {
  authorize,
  categoriesOf,
  DAY,
  grantMessage,
  revocationOf,
  type Authorization,
} from "../helpers/contracts/typed-data.js";
import { digestOf, now, TERMS } from "../helpers/contracts/world.js";

/** Bob is a delegate of alice's with every power, alice her child's representative. */
async function load() {
  const world = await withCourt();
  await world.delegates.connect(world.alice).appoint(world.ids.bob, ALL, startOf(world.year + 2));
  return world;
}

interface Act {
  /** Who signs, and in whose place. */
  deputy: (world: CourtWorld) => { signer: Signer; patient: bigint };
  before?: (world: CourtWorld) => Promise<unknown>;
  sign: (world: CourtWorld, signatureEpoch: bigint) => Promise<Authorization>;
  send: (world: CourtWorld, signed: Authorization) => Promise<unknown>;
  refusedBy: "consents" | "registrar" | "relationships" | "delegates";
}

const asDelegate = ({ bob, ids }: CourtWorld) => ({ signer: bob, patient: ids.alice });
const asParent = ({ alice, child }: CourtWorld) => ({ signer: alice, patient: child });

const inADay = async (world: CourtWorld) => ({ deadline: (await now(world)) + DAY });
const atHospital = async (world: CourtWorld) => ({
  patient: world.ids.alice,
  provider: world.ids.hospital,
  providerName: "General Hospital",
  ...(await inADay(world)),
});
const given = (world: CourtWorld) => grantToInsurer(world, { until: BigInt(startOf(world.year)) });
const SETTINGS = { knownOnly: true, longestGrant: 7, emergency: 1 };

const ACTS: Record<string, Act> = {
  "a grant": {
    deputy: asDelegate,
    sign: async (world, signatureEpoch) => {
      const asked = await given(world);
      const message = await grantMessage(world, world.ids.alice, asked, await inADay(world), { signatureEpoch });
      return authorize(world.consents, "Grant", message, world.bob);
    },
    send: async (world, signed) => world.consents.grantWithSig(world.ids.alice, await given(world), signed),
    refusedBy: "consents",
  },
  "a revocation": {
    deputy: asDelegate,
    sign: async (world, signatureEpoch) => {
      const asked = await given(world);
      const message = await grantMessage(world, world.ids.alice, asked, await inADay(world), { signatureEpoch });
      return authorize(world.consents, "GrantRevocation", revocationOf(message), world.bob);
    },
    send: async (world, signed) => {
      const { viewer, purpose, steward, categories } = await given(world);
      return world.consents.revokeGrantWithSig(world.ids.alice, viewer, purpose, steward, categories, 0, signed);
    },
    refusedBy: "consents",
  },
  "an approval": {
    deputy: asDelegate,
    before: ({ relationships, generalHospital, ids }) =>
      relationships.connect(generalHospital).propose(ids.alice, TERMS, 0),
    sign: async (world, signatureEpoch) => {
      const message = { ...(await atHospital(world)), termsDigest: TERMS, nonce: 1n, until: 0, signatureEpoch };
      return authorize(world.relationships, "RelationshipApproval", message, world.bob);
    },
    send: ({ relationships, ids }, signed) =>
      relationships.approveWithSig(
        { patient: ids.alice, provider: ids.hospital, termsDigest: TERMS, nonce: 1, until: 0 },
        signed,
      ),
    refusedBy: "relationships",
  },
  "the end of a block": {
    deputy: asDelegate,
    before: ({ relationships, alice, ids }) => relationships.connect(alice).blockProvider(ids.alice, ids.hospital),
    sign: async (world, signatureEpoch) => {
      const message = { ...(await atHospital(world)), blocks: 1, signatureEpoch };
      return authorize(world.relationships, "ProviderUnblock", message, world.bob);
    },
    send: ({ relationships, ids }, signed) => relationships.unblockProviderWithSig(ids.alice, ids.hospital, 1, signed),
    refusedBy: "relationships",
  },
  "a child's settings": {
    deputy: asParent,
    sign: (world, signatureEpoch) =>
      signAtRegistrar(world, "PatientSettings", world.alice, {
        patient: world.child,
        refuseProposalsFromUnknownProviders: true,
        longestGrantInDays: 7,
        emergencyCategories: categoriesOf(1),
        signatureEpoch,
      }),
    send: ({ registrar, child }, signed) => registrar.changeSettingsWithSig(child, SETTINGS, signed),
    refusedBy: "registrar",
  },
  "a child's key": {
    deputy: asParent,
    sign: (world, signatureEpoch) =>
      signAtRegistrar(world, "KeyChange", world.alice, {
        ...{ participant: world.child, keyDocument: digestOf("another key"), keyVersion: 2, signatureEpoch },
      }),
    send: ({ registrar, child }, signed) => registrar.changeKeyOfChildWithSig(child, digestOf("another key"), signed),
    refusedBy: "registrar",
  },
  "another representative": {
    deputy: asParent,
    sign: (world, signatureEpoch) =>
      signAtDelegates(world, "RepresentativeAddition", world.alice, {
        ...{ issuer: world.ids.hospital, child: world.child, representative: world.ids.carol, signatureEpoch },
      }),
    send: ({ delegates, generalHospital, ids, child }, signed) =>
      delegates.connect(generalHospital).addRepresentative(child, ids.carol, signed),
    refusedBy: "delegates",
  },
};

describe("What somebody signed in a patient's place and kept back", () => {
  for (const [name, { deputy, before, sign, send, refusedBy }] of Object.entries(ACTS)) {
    for (const who of ["the deputy", "the patient's side"]) {
      it(`dies when ${who} cancels signatures: ${name}`, async () => {
        const world = await load();
        const { registrar } = world;
        const { signer, patient } = deputy(world);
        await before?.(world);
        const own = await registrar.participantOf(await signer.getAddress());
        const epoch = async () => (await registrar.epochsOf(patient))[1] + (await registrar.epochsOf(own))[1];
        const keptBack = await sign(world, await epoch());
        if (who === "the deputy") await registrar.connect(signer).cancelSignatures();
        // A child can't cancel: its representative's revocation of everything does.
        else await registrar.connect(patient === world.child ? signer : world.alice).revokeAll(patient);

        if (who !== "the deputy" && patient !== world.child) {
          await world.delegates.connect(world.alice).appoint(world.ids.bob, ALL, startOf(world.year + 2));
        }
        await expect(send(world, keptBack))
          .to.be.revertedWithCustomError(world[refusedBy], "InvalidSignature")
          .withArgs(await signer.getAddress());
        await send(world, await sign(world, await epoch()));
      });
    }
  }
});
