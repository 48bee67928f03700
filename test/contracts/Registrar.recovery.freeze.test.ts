import { expect } from "chai";

import { fixture, licenseInstitution, PROVIDER } from "../../devnet/index.js";
import { SUMMARY, grantToInsurer, mayView } from "../helpers/contracts/grants.js";
import { signReduction } from "../helpers/contracts/relationships.js";
import { signAtRegistrar, signJoining } from "../helpers/contracts/signatures.js";
import {
  DAY,
  authorize,
  categoriesOf,
  signApproval,
  signGrant,
  signGrantRevocation,
  signOffer,
} from "../helpers/contracts/typed-data.js";
import { OWNER } from "../helpers/contracts/participants.js";
import { COMMITMENT, KEY_DOCUMENT, TERMS, activate, digestOf, now } from "../helpers/contracts/world.js";
import {
  HOUR,
  approve,
  collecting,
  escalated,
  inTwoMonths,
  pending,
  unstoppable,
  veto,
  withGuardians,
  type RecoveryWorld,
} from "../helpers/contracts/recovery.js";
import { changeSettingsAs, revokeAllAs } from "../helpers/contracts/settings.js";

const POWERS = { approving: true, granting: 255, viewing: 255 };
const WIDER = { knownOnly: false, longestGrant: 0, emergency: 0b111 };
const NARROWER = { knownOnly: true, longestGrant: 1, emergency: 0 };

const deadline = async (world: RecoveryWorld) => ({ deadline: await inTwoMonths(world) });

/**
 * Alice with something to lose and to take back: a grant, a delegate (bob), a relationship, one that is suspended, a
 * blocked provider, a proposal, a tablet that retires, a key that changes, and settings that could be wider.
 */
const load = fixture(async () => {
  const world = await withGuardians();
  const { registrar, relationships, consents, delegates, alice, tablet, ids } = world;
  const clinics = (await world.ethers.getSigners()).slice(15);
  const [blocked, proposing, offering, suspended] = [clinics[0]!, clinics[1]!, clinics[2]!, clinics[3]!];
  const blockedId = await licenseInstitution(world, blocked, "Blocked Clinic", PROVIDER);
  const proposingId = await licenseInstitution(world, proposing, "Proposing Clinic", PROVIDER);
  const offeringId = await licenseInstitution(world, offering, "Offering Clinic", PROVIDER);
  const suspendedId = await licenseInstitution(world, suspended, "Suspended Clinic", PROVIDER);
  world.names.set(proposingId, "Proposing Clinic").set(offeringId, "Offering Clinic");
  await activate(world, alice, world.generalHospital);
  await activate(world, alice, suspended);
  await relationships.connect(alice).suspend(ids.alice, suspendedId);
  await relationships.connect(alice).blockProvider(ids.alice, blockedId);
  await relationships.connect(proposing).propose(ids.alice, TERMS, 0);
  const given = await grantToInsurer(world, { until: BigInt((await now(world)) + 300 * DAY) });
  await consents.connect(alice).grant(ids.alice, given);
  await delegates.connect(alice).appoint(ids.bob, POWERS, given.until);
  await changeSettingsAs(registrar, alice, { knownOnly: true, longestGrant: 400, emergency: 0b11 });
  await registrar.connect(alice).addAccount(OWNER, await signJoining(world, tablet, ids.alice));
  await registrar.connect(alice).retireAccount(tablet.address);
  await registrar.connect(alice).changeKey(digestOf("a key that waits"));
  const more = { blockedId, proposingId, offeringId, suspendedId };
  return { ...world, ids: { ...ids, ...more }, offering, given };
});

type World = Awaited<ReturnType<typeof load>>;
type Call = (world: World) => Promise<unknown>;

const offerOf = (world: World) => {
  const { alice: patient, offeringId: provider } = world.ids;
  return { patient, provider, termsDigest: TERMS, nonce: 1n, until: 0n };
};

/** What a signature says about a provider, but for its counter. */
const about = async (world: World, provider: bigint) => {
  const [, signatureEpoch] = await world.registrar.epochsOf(world.ids.alice);
  const providerName = provider === world.ids.blockedId ? "Blocked Clinic" : "Suspended Clinic";
  return { patient: world.ids.alice, provider, providerName, signatureEpoch, ...(await deadline(world)) };
};

const proposalOf = (world: World) => ({ ...offerOf(world), provider: world.ids.proposingId });

const child = (world: World) => ({ keyDocument: KEY_DOCUMENT, commitment: COMMITMENT, comesOfAgeIn: yearAhead(world) });

const yearAhead = ({ given }: World) => new Date(Number(given.until) * 1000).getUTCFullYear() + 5;

const attestChild = async (world: World) =>
  signAtRegistrar(world, "ChildRegistration", world.generalHospital, {
    representative: world.ids.alice,
    ...child(world),
  });

/** All that gives somebody more, by who has alice's key or by her delegate. */
const increases: Record<string, Call> = {
  grant: ({ consents, alice, given, ids }) => consents.connect(alice).grant(ids.alice, given),
  grantWithSig: async (world) =>
    world.consents.grantWithSig(
      world.ids.alice,
      world.given,
      await signGrant(world, world.alice, world.given, await deadline(world)),
    ),
  "grantFor, by herself": ({ consents, alice, ids, given }) => consents.connect(alice).grant(ids.alice, given),
  "grantFor, by a delegate": ({ consents, bob, ids, given }) => consents.connect(bob).grant(ids.alice, given),
  "changeConsents that grants": ({ consents, alice, given }) => consents.connect(alice).changeConsents([], [given]),
  "changeConsents that revokes and grants": ({ consents, alice, given }) =>
    consents.connect(alice).changeConsents([given], [given]),
  appoint: ({ delegates, alice, ids, given }) => delegates.connect(alice).appoint(ids.erin, POWERS, given.until),
  addAccount: async (world) =>
    world.registrar.connect(world.alice).addAccount(OWNER, await signJoining(world, world.mallory, world.ids.alice)),
  addAccountWithSig: async (world) =>
    world.registrar.addAccountWithSig(
      OWNER,
      await signJoining(world, world.mallory, world.ids.alice),
      await signAtRegistrar(world, "AccountInvitation", world.alice, {
        account: world.mallory.address,
        scope: "owner",
      }),
    ),
  keepAccount: ({ registrar, alice, tablet }) => registrar.connect(alice).keepAccount(tablet.address),
  keepAccountWithSig: async (world) =>
    world.registrar.keepAccountWithSig(
      world.tablet.address,
      await signAtRegistrar(world, "AccountKeeping", world.alice, { account: world.tablet.address }),
    ),
  changeKey: ({ registrar, alice }) => registrar.connect(alice).changeKey(KEY_DOCUMENT),
  changeGuardians: ({ registrar, alice }) => registrar.connect(alice).changeGuardians(KEY_DOCUMENT),
  "changeGuardians that calls a change off": ({ registrar, alice, digest }) =>
    registrar.connect(alice).changeGuardians(digest),
  "settings that admit unknown providers": ({ registrar, alice }) =>
    changeSettingsAs(registrar, alice, { ...NARROWER, knownOnly: false }),
  "settings that admit longer grants": ({ registrar, alice }) =>
    changeSettingsAs(registrar, alice, { ...NARROWER, longestGrant: 401 }),
  "settings that admit grants of any length": ({ registrar, alice }) =>
    changeSettingsAs(registrar, alice, { ...NARROWER, longestGrant: 0 }),
  "settings that show more in an emergency": ({ registrar, alice }) =>
    changeSettingsAs(registrar, alice, { ...NARROWER, emergency: 0b100 }),
  changeSettingsWithSig: async (world) =>
    world.registrar.changeSettingsWithSig(
      world.ids.alice,
      WIDER,
      await signAtRegistrar(world, "PatientSettings", world.alice, {
        refuseProposalsFromUnknownProviders: WIDER.knownOnly,
        longestGrantInDays: WIDER.longestGrant,
        emergencyCategories: categoriesOf(WIDER.emergency),
      }),
    ),
  registerChild: async (world) =>
    world.registrar
      .connect(world.alice)
      .registerChild(KEY_DOCUMENT, COMMITMENT, yearAhead(world), await attestChild(world)),
  registerChildWithSig: async (world) =>
    world.registrar.registerChildWithSig(
      KEY_DOCUMENT,
      COMMITMENT,
      yearAhead(world),
      await attestChild(world),
      await signAtRegistrar(world, "ChildRepresentation", world.alice, { issuer: world.ids.hospital, ...child(world) }),
    ),
  approve: ({ relationships, alice, ids }) =>
    relationships.connect(alice).approve(ids.alice, ids.proposingId, 1, TERMS, 0),
  "approve, by a delegate": ({ relationships, bob, ids }) =>
    relationships.connect(bob).approve(ids.alice, ids.proposingId, 1, TERMS, 0),
  approveWithSig: async (world) =>
    world.relationships.approveWithSig(
      proposalOf(world),
      await signApproval(world, world.alice, proposalOf(world), await deadline(world)),
    ),
  accept: async (world) =>
    world.relationships
      .connect(world.alice)
      .accept(offerOf(world), await signOffer(world, world.offering, offerOf(world), await deadline(world))),
  establish: async (world) =>
    world.relationships.establish(
      offerOf(world),
      await signOffer(world, world.offering, offerOf(world), await deadline(world)),
      await signApproval(world, world.alice, offerOf(world), await deadline(world)),
    ),
  resume: ({ relationships, alice, ids }) => relationships.connect(alice).resume(ids.alice, ids.suspendedId),
  "resume, by a delegate": ({ relationships, bob, ids }) =>
    relationships.connect(bob).resume(ids.alice, ids.suspendedId),
  resumeWithSig: async (world) => {
    const { relationships, ids } = world;
    const message = { ...(await about(world, ids.suspendedId)), nonce: 2n };
    const signed = await authorize(relationships, "RelationshipResumption", message, world.alice);
    return relationships.resumeWithSig(ids.alice, ids.suspendedId, 2, signed);
  },
  unblockProviderWithSig: async (world) => {
    const { relationships, ids } = world;
    const message = { ...(await about(world, ids.blockedId)), blocks: 1n };
    const signed = await authorize(relationships, "ProviderUnblock", message, world.alice);
    return relationships.unblockProviderWithSig(ids.alice, ids.blockedId, 1, signed);
  },
  unblockProvider: ({ relationships, alice, ids }) =>
    relationships.connect(alice).unblockProvider(ids.alice, ids.blockedId),
};

/** All that takes something away. */
const reductions: Record<string, Call> = {
  revokeGrant: ({ consents, alice, given, ids }) =>
    consents.connect(alice).revokeGrant(ids.alice, given.viewer, given.purpose, given.steward, given.categories),
  revokeGrantWithSig: async (world) => {
    const { viewer, purpose, steward, categories: mask } = world.given;
    const signed = await signGrantRevocation(world, world.alice, world.given, await deadline(world));
    return world.consents.revokeGrantWithSig(world.ids.alice, viewer, purpose, steward, mask, 1, signed);
  },
  revokeViewer: ({ consents, alice, given, ids }) => consents.connect(alice).revokeViewer(ids.alice, given.viewer),
  "changeConsents that only revokes": ({ consents, alice, given }) =>
    consents.connect(alice).changeConsents([given], []),
  "revokeGrantFor, by a delegate": ({ consents, bob, ids, given }) =>
    consents.connect(bob).revokeGrant(ids.alice, given.viewer, given.purpose, given.steward, given.categories),
  revokeAll: ({ registrar, alice }) => revokeAllAs(registrar, alice),
  cancelSignatures: ({ registrar, alice }) => registrar.connect(alice).cancelSignatures(),
  cancelKeyChangeWithSig: async (world) =>
    world.registrar.cancelKeyChangeWithSig(
      await signAtRegistrar(world, "KeyChangeCancellation", world.alice, {
        keyDocument: (await world.registrar.keyChangeOf(world.ids.alice)).keyDocument,
        keyVersion: 2n,
      }),
    ),
  cancelKeyChange: ({ registrar, alice }) => registrar.connect(alice).cancelKeyChange(),
  retireAccount: ({ registrar, alice }) => registrar.connect(alice).retireAccount(alice.address),
  "narrower settings": ({ registrar, alice }) => changeSettingsAs(registrar, alice, NARROWER),
  dismiss: ({ delegates, alice, ids }) => delegates.connect(alice).dismiss(ids.alice, ids.bob),
  "a delegate's resignation": ({ delegates, bob, ids }) => delegates.connect(bob).dismiss(ids.alice, ids.bob),
  decline: ({ relationships, alice, ids }) => relationships.connect(alice).decline(ids.alice, ids.proposingId, 1),
  suspend: ({ relationships, alice, ids }) => relationships.connect(alice).suspend(ids.alice, ids.hospital),
  end: ({ relationships, alice, ids }) => relationships.connect(alice).end(ids.alice, ids.hospital),
  suspendWithSig: async (world) =>
    world.relationships.suspendWithSig(
      world.ids.alice,
      world.ids.hospital,
      1,
      await signReduction(world, "RelationshipSuspension", world.alice),
    ),
  blockProvider: ({ relationships, alice, ids }) => relationships.connect(alice).blockProvider(ids.alice, ids.hospital),
};

describe("Registrar: while a recovery is pending", () => {
  for (const [name, increase] of Object.entries(increases)) {
    it(`${name} is refused, and works once that is over: RecoveryPending`, async () => {
      const world = await load();
      const refused = async (stage: string) =>
        expect(increase(world), stage)
          .to.be.revertedWithCustomError(world.registrar, "RecoveryPending")
          .withArgs(world.ids.alice);
      await pending(world);
      await refused("pending");
      await veto(world);
      await refused("escalated");
      await approve(world, world.erin);
      await refused("unstoppable");

      await world.networkHelpers.time.increase(12 * DAY);
      await world.registrar
        .connect(world.alice)
        .cancelKeyChange()
        .catch(() => undefined);
      await increase(world);
    });
  }

  for (const [name, reduction] of Object.entries(reductions)) {
    it(`${name} works`, async () => {
      const world = await load();
      for (const reach of [pending, escalated, unstoppable]) {
        const before = await world.networkHelpers.takeSnapshot();
        await reach(world);
        await reduction(world);
        await before.restore();
      }
    });
  }

  it("what was granted goes on, to its term", async () => {
    const world = await load();
    await pending(world);

    expect(await mayView(world, world.given, SUMMARY)).to.be.true;
  });

  it("guardians who only collect freeze nothing", async () => {
    const world = await load();
    await collecting(world);

    await world.consents.connect(world.alice).grant(world.ids.alice, world.given);
    await changeSettingsAs(world.registrar, world.alice, WIDER);
  });

  it("a change of keys that was announced doesn't come to count, and can be called off", async () => {
    const world = await load();
    const { registrar, alice, ids } = world;
    const former = await registrar.keyDocumentOf(ids.alice);
    await pending(world);
    await world.networkHelpers.time.increase(3 * DAY);

    expect(await registrar.keyDocumentOf(ids.alice)).to.equal(former);
    expect(await registrar.keyVersionOf(ids.alice)).to.equal(1);
    await expect(registrar.connect(alice).cancelKeyChange())
      .to.emit(registrar, "KeyChangeCancelled")
      .withArgs(ids.alice);
    await world.networkHelpers.time.increase(10 * DAY);
    expect(await registrar.keyDocumentOf(ids.alice)).to.equal(former);
  });

  it("a change of keys counts as soon as the recovery has lapsed", async () => {
    const world = await load();
    const { registrar, ids } = world;
    await pending(world);
    const { frozenUntil } = await registrar.participant(ids.alice);
    await world.networkHelpers.time.increaseTo(Number(frozenUntil) * HOUR);

    expect(await registrar.keyDocumentOf(ids.alice)).to.equal(digestOf("a key that waits"));
    expect(await registrar.keyVersionOf(ids.alice)).to.equal(2);
  });

  it("a change of keys that counted before goes on to count", async () => {
    const world = await load();
    const { registrar, ids } = world;
    await world.networkHelpers.time.increase(2 * DAY);
    await pending(world);

    expect(await registrar.keyDocumentOf(ids.alice)).to.equal(digestOf("a key that waits"));
    expect(await registrar.keyVersionOf(ids.alice)).to.equal(2);
    expect((await registrar.keyChangeOf(ids.alice)).from).to.equal(0);
  });

  it("other persons, the delegate's own affairs among them, are not frozen", async () => {
    const world = await load();
    await pending(world);

    await world.consents.connect(world.bob).grant(world.ids.bob, world.given);
    await changeSettingsAs(world.registrar, world.bob, WIDER);
  });
});
