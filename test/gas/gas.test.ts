import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import Table from "cli-table3";
import { ZeroAddress, id as keccakOfText } from "ethers";

import { PAYER, PROVIDER, asAuthority, deployChartChain, keyDocumentOf, registerPatient } from "../helpers/deploy.js";
import { licenseCrowd, registerCrowd, type CrowdProvider } from "../helpers/contracts/crowd.js";
import {
  DAY,
  authorize,
  signApproval,
  signFullRevocation,
  signGrant,
  signGrantRevocation,
  signOffer,
  signViewerRevocation,
  type Grant,
  type Message,
} from "../helpers/contracts/typed-data.js";
import { COMMITMENT, KEY_DOCUMENT, TERMS, digestOf, offerToAlice } from "../helpers/contracts/world.js";
import { CEILINGS, SIGNATURE_CEILING, SIGNED_TWINS } from "./ceilings.js";

/**
 * What every write costs, from receipts, on a chain whose clock, accounts and ids are always the same: the numbers are
 * exact, and a change of one unit fails against snapshot.json. UPDATE_GAS=1 writes the snapshot anew.
 *
 * Longer than most, because it is one list of every write.
 *
 * Everything is measured twice: on a small network, and on one with hundreds of participants, viewers and relationships
 * and thousands of records. There it may differ only by the bytes of longer ids.
 */

const SNAPSHOT = new URL("snapshot.json", import.meta.url);
/** 1 January 2050: a fixed time, so that calls have the same bytes every time. */
const START = 2_524_608_000;
/** A longer id turns zero bytes of a call into others: 12 gas for each, in a call with a handful of ids and counters. */
const LONGER_IDS = 12 * 10;

type Measured = Record<string, number>;

/** A small network, or the same after a lot has happened in it. */
async function setUp(size: "small" | "large"): Promise<World> {
  const world = await populate(size);
  // A full word of the list, so that what is measured is a later one, as it is for ever after the sixth provider.
  for (const clinic of await licenseCrowd(world, size === "small" ? 6 : 12, 200_001)) await approveOf(world, clinic);
  if (size === "large") await grow(world);
  await world.networkHelpers.time.increaseTo(START + 30 * DAY);
  return world;
}

async function populate(size: "small" | "large") {
  const chain = await deployChartChain();
  await chain.networkHelpers.time.increaseTo(START);
  const names = new Map<bigint, string>([[0n, "every steward"]]);
  if (size === "large") await registerCrowd(chain, 300);
  const alice = await registerPatient(chain, chain.alice, "Alice");
  const bob = await registerPatient(chain, chain.bob, "Bob");
  const license = async (signer: typeof chain.insurer, name: string, roles: number) => {
    await (await chain.registrar.connect(signer).registerInstitution(keyDocumentOf(name), name)).wait();
    const id = await chain.registrar.participantOf(signer.address);
    const args = [id, keccakOfText(name), roles, START + 3650 * DAY] as const;
    await asAuthority(chain, chain.registrar, chain.registrar.interface.encodeFunctionData("license", [...args]));
    names.set(id, name);
    return id;
  };
  const ids = {
    alice,
    bob,
    hospital: await license(chain.generalHospital, "General Hospital", PROVIDER),
    laboratory: await license(chain.laboratory, "Laboratory", PROVIDER),
    insurer: await license(chain.insurer, "Insurer", PAYER),
  };
  names.set(alice, "").set(bob, "");
  const clinics = await licenseCrowd(chain, 8);
  return { ...chain, ids, names, nobody: 0n, zeroAddress: ZeroAddress, clinics };
}

type World = Awaited<ReturnType<typeof populate>>;

const DEADLINE = { deadline: START + 300 * DAY };

/** Three hundred grants and two thousand records of alice's. */
async function grow({ consents, records, ids, alice, provider }: World) {
  const until = START + 365 * DAY;
  for (let i = 1; i <= 300; ++i) {
    const given = { viewer: BigInt(i), purpose: 0, steward: 7n, categories: 1, sensitiveFromAnySteward: false, until };
    await consents.connect(alice).grant(given);
  }
  const to = await records.getAddress();
  for (let i = 1; i <= 2000; ++i) {
    const data = records.interface.encodeFunctionData("anchor", [ids.alice, digestOf(`record ${i}`)]);
    await provider.send("eth_sendTransaction", [{ from: alice.address, to, data, gas: "0x30d40" }]);
  }
  expect((await records.headOf(ids.alice)) % 2n ** 40n).to.equal(2000);
}

/** A relationship of alice's with a clinic. */
async function approveOf({ relationships, ids, alice, provider }: World, clinic: CrowdProvider) {
  await relationships.connect(await provider.getSigner(clinic.account)).propose(ids.alice, TERMS, 0);
  return relationships.connect(alice).approve(clinic.id, 1, TERMS, 0);
}

/** Measures everything, each from the same state. */
async function measureAll(world: World): Promise<Measured> {
  const { registrar, relationships, consents, records, ids, networkHelpers } = world;
  const { alice, bob, generalHospital, laboratory, insurer, stranger, relayer, authority } = world;
  const measured: Measured = {};
  const gasOf = async (sending: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) =>
    Number((await (await sending).wait())!.gasUsed);
  const untouched = await networkHelpers.takeSnapshot();

  /** Prepares, measures, and undoes both. */
  const measure = async (
    name: string,
    send: () => Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>,
    ...before: (() => Promise<unknown>)[]
  ) => {
    for (const step of before) await step();
    measured[name] = await gasOf(send());
    await untouched.restore();
  };

  // Registrar

  await measure("register patient", () => registrar.connect(stranger).registerPatient(KEY_DOCUMENT));
  const registration = { account: stranger.address, keyDocument: KEY_DOCUMENT, ...DEADLINE };
  const registered = await authorize(registrar, "PatientRegistration", registration, stranger);
  await measure("register patient, signed", () =>
    registrar.connect(relayer).registerPatientWithSig(KEY_DOCUMENT, registered),
  );
  await measure("register institution", () =>
    registrar.connect(stranger).registerInstitution(KEY_DOCUMENT, "St. Elsewhere Hospital"),
  );
  const attestation = { issuer: ids.hospital, account: alice.address, commitment: COMMITMENT, ...DEADLINE };
  const attested = await authorize(registrar, "IdentityAttestation", attestation, generalHospital);
  await measure("attested identity", () =>
    registrar.connect(relayer).linkIdentity(alice.address, COMMITMENT, attested),
  );
  await measure("suspend institution", () => registrar.connect(authority).suspend(ids.hospital));

  // Relationships

  const until = BigInt(START + 365 * DAY);
  const offer = { ...(await offerToAlice(world, { until })) };
  const offered = await signOffer(world, generalHospital, offer, DEADLINE);
  const approved = await signApproval(world, alice, offer, DEADLINE);
  const reduction = (type: "RelationshipDecline" | "RelationshipEnd") => {
    const { alice: patient, hospital } = ids;
    const message: Message = { patient, provider: hospital, providerName: "General Hospital", nonce: 1n, ...DEADLINE };
    return authorize(relationships, type, message, alice);
  };
  const declined = await reduction("RelationshipDecline");
  const ended = await reduction("RelationshipEnd");
  const asHospital = relationships.connect(generalHospital);
  const asAlice = relationships.connect(alice);
  const asRelayer = relationships.connect(relayer);
  const propose = () => asHospital.propose(ids.alice, TERMS, until);
  const approve = () => asAlice.approve(ids.hospital, 1, TERMS, until);
  const accept = () => asAlice.accept(offer, offered);
  const listed = Number(await relationships.providerCount(ids.alice));
  expect(listed % 6, "the next entry opens a word").to.equal(0);
  const openWord = () => approveOf(world, world.clinics[0]!);

  await measure("propose", propose);
  await measure("withdraw", () => asHospital.withdraw(ids.alice), propose);
  await measure(
    "approve, the patient's first",
    () => relationships.connect(bob).approve(ids.hospital, 1, TERMS, until),
    () => asHospital.propose(ids.bob, TERMS, until),
  );
  await measure("approve, new list word", approve, propose);
  await measure("approve", approve, propose, openWord);
  await measure("approve, signed", () => asRelayer.approveWithSig(offer, approved), propose, openWord);
  await measure("accept offer, new list word", accept);
  await measure("accept offer", accept, openWord);
  await measure("accept offer, both signed", () => asRelayer.establish(offer, offered, approved), openWord);
  await measure("decline", () => asAlice.decline(ids.hospital, 1), propose);
  await measure("decline, signed", () => asRelayer.declineWithSig(ids.alice, ids.hospital, 1, declined), propose);
  await measure("suspend relationship", () => asAlice.suspend(ids.alice, ids.hospital), accept);
  await measure(
    "resume relationship",
    () => asAlice.resume(ids.alice, ids.hospital),
    accept,
    () => asAlice.suspend(ids.alice, ids.hospital),
  );
  await measure("end", () => asAlice.end(ids.alice, ids.hospital), accept);
  await measure("end, signed", () => asRelayer.endWithSig(ids.alice, ids.hospital, 1, ended), accept);
  await measure("block provider", () => asAlice.blockProvider(ids.hospital), accept);
  await measure(
    "unblock provider",
    () => asAlice.unblockProvider(ids.hospital),
    accept,
    () => asAlice.blockProvider(ids.hospital),
  );

  // Consents

  const given = (categories: number, change: Partial<Grant> = {}): Grant => ({
    viewer: ids.insurer,
    purpose: 0,
    steward: ids.hospital,
    categories,
    sensitiveFromAnySteward: false,
    until,
    ...change,
  });
  const two = given(0b00000110);
  const eight = given(0b11111111);
  const later = given(0b00000110, { until: until + BigInt(365 * DAY) });
  const patient = consents.connect(alice);
  const relay = consents.connect(relayer);
  const grant = () => patient.grant(two);
  const revokeGrant = (g: Grant) => patient.revokeGrant(g.viewer, g.purpose, g.steward, g.categories);
  const signed = {
    two: await signGrant(world, alice, two, DEADLINE),
    eight: await signGrant(world, alice, eight, DEADLINE),
    later: await signGrant(world, alice, later, DEADLINE, { version: 1n }),
    revocation: await signGrantRevocation(world, alice, two, DEADLINE, { version: 1n }),
    viewer: await signViewerRevocation(world, alice, ids.insurer, DEADLINE),
    everyone: await signFullRevocation(world, alice, DEADLINE),
  };

  await measure("grant, two categories", grant);
  await measure("grant, two categories, signed", () => relay.grantWithSig(two, signed.two));
  await measure("grant, eight categories", () => patient.grant(eight));
  await measure("grant, eight categories, signed", () => relay.grantWithSig(eight, signed.eight));
  await measure("grant, every steward", () => patient.grant(given(0b00000110, { steward: 0n })));
  await measure("extend grant", () => patient.grant(later), grant);
  await measure("extend grant, signed", () => relay.grantWithSig(later, signed.later), grant);
  await measure("revoke grant", () => revokeGrant(two), grant);
  await measure(
    "revoke grant, signed",
    () => relay.revokeGrantWithSig(two.viewer, two.purpose, two.steward, two.categories, 1, signed.revocation),
    grant,
  );
  await measure("revoke viewer, the first time", () => patient.revokeViewer(ids.insurer), grant);
  await measure(
    "revoke viewer, the first time, signed",
    () => relay.revokeViewerWithSig(ids.insurer, signed.viewer),
    grant,
  );
  await measure(
    "revoke viewer",
    () => patient.revokeViewer(ids.insurer),
    () => patient.revokeViewer(ids.insurer),
  );
  await measure("revoke all, the first time", () => patient.revokeAll(), grant);
  await measure("revoke all, the first time, signed", () => relay.revokeAllWithSig(signed.everyone), grant);
  await measure(
    "revoke all",
    () => patient.revokeAll(),
    () => patient.revokeAll(),
  );
  // The later revocations, signed: their counters are those after the first.
  await patient.revokeViewer(ids.insurer);
  await patient.revokeAll();
  const again = {
    viewer: await signViewerRevocation(world, alice, ids.insurer, DEADLINE),
    everyone: await signFullRevocation(world, alice, DEADLINE),
  };
  await untouched.restore();
  await measure(
    "revoke viewer, signed",
    () => relay.revokeViewerWithSig(ids.insurer, again.viewer),
    () => patient.revokeViewer(ids.insurer),
  );
  await measure(
    "revoke all, signed",
    () => relay.revokeAllWithSig(again.everyone),
    () => patient.revokeAll(),
  );

  // Records

  const anchor = (text: string) => records.connect(generalHospital).anchor(ids.alice, digestOf(text));
  await measure(
    "anchor, the first time",
    () => records.connect(laboratory).anchor(ids.bob, digestOf("a record")),
    async () => {
      const own = { ...offer, patient: ids.bob, provider: ids.laboratory };
      await relationships.connect(bob).accept(own, await signOffer(world, laboratory, own, DEADLINE));
    },
  );
  await measure(
    "anchor",
    () => anchor("the second record"),
    accept,
    () => anchor("the first record"),
  );
  await measure(
    "anchor, self-reported",
    () => records.connect(alice).anchor(ids.alice, digestOf("the second record")),
    () => records.connect(alice).anchor(ids.alice, digestOf("the first record")),
  );
  const publish = (size: number) => records.connect(insurer).publishHead(1, size, digestOf(`root ${size}`));
  await measure("publish head, the first time", () => publish(100));
  await measure(
    "publish head",
    () => publish(200),
    () => publish(100),
  );
  return measured;
}

describe("Gas", () => {
  let small: Measured;
  let large: Measured;

  before(async () => {
    small = await measureAll(await setUp("small"));
    large = await measureAll(await setUp("large"));
    if (process.env.UPDATE_GAS === "1") writeFileSync(SNAPSHOT, `${JSON.stringify(small, undefined, 2)}\n`);
  });

  after(() => {
    const table = new Table({
      head: ["write", "gas", "ceiling", "large network", "signature"],
      colAligns: ["left", "right", "right", "right", "right"],
      style: { head: [], border: [] },
    });
    const format = (gas: number | undefined) => gas?.toLocaleString("en-US") ?? "";
    for (const [name, gas] of Object.entries(small)) {
      const direct = SIGNED_TWINS[name];
      const signature = direct === undefined ? "" : `+${format(gas - small[direct]!)}`;
      table.push([name, format(gas), format(CEILINGS[name]), format(large[name]), signature]);
    }
    console.log(table.toString());
  });

  it("is exactly what snapshot.json says", () => {
    expect(existsSync(SNAPSHOT), "UPDATE_GAS=1 writes the snapshot").to.be.true;
    expect(small).to.deep.equal(JSON.parse(readFileSync(SNAPSHOT, "utf8")));
  });

  it("has a measured write for every ceiling", () => {
    expect(Object.keys(small)).to.include.members([...Object.keys(CEILINGS), ...Object.keys(SIGNED_TWINS)]);
    expect(
      Object.keys(small)
        .filter((name) => name.endsWith("signed"))
        .sort(),
    ).to.deep.equal(Object.keys(SIGNED_TWINS).sort());
  });

  for (const [name, ceiling] of Object.entries(CEILINGS)) {
    it(`of "${name}" is ${ceiling.toLocaleString("en-US")} at the most`, () => {
      expect(small[name]).to.be.at.most(ceiling);
      expect(large[name]).to.be.at.most(ceiling);
    });
  }

  for (const [name, direct] of Object.entries(SIGNED_TWINS)) {
    it(`of "${name}" is at the most ${SIGNATURE_CEILING.toLocaleString("en-US")} above "${direct}"`, () => {
      expect(small[name]! - small[direct]!).to.be.at.most(SIGNATURE_CEILING);
      expect(large[name]! - large[direct]!).to.be.at.most(SIGNATURE_CEILING);
    });
  }

  it("is flat, whatever the number of patients, viewers, relationships and records", () => {
    for (const [name, gas] of Object.entries(small)) {
      expect(Math.abs(large[name]! - gas), name).to.be.at.most(LONGER_IDS);
    }
  });
});
