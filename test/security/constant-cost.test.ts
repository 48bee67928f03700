import { expect } from "chai";
import { toBeHex } from "ethers";

import { licenseCrowd, registerCrowd, sendAll } from "../helpers/contracts/crowd.js";
import { fixture } from "../../devnet/index.js";
import { setListCount, setParticipantCount } from "../helpers/contracts/storage.js";
import { DAY, signOffer, type Grant } from "../helpers/contracts/typed-data.js";
import { TERMS, digestOf, now, withRelationship, type World } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const FEW = 10;
const MANY = 10_000;

const load = fixture(withRelationship);

/** Each step to a longer id turns zero bytes of the call into others: 12 gas apiece. */
const CALLDATA_BYTES = 12n * 8n;

const gasOf = async (sending: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) =>
  (await (await sending).wait())!.gasUsed;

/** What a call costs, without leaving a trace. */
async function measured(world: World, send: () => ReturnType<World["records"]["anchor"]>) {
  const snapshot = await world.networkHelpers.takeSnapshot();
  const gas = await gasOf(send());
  await snapshot.restore();
  return gas;
}

const expectFlat = (few: bigint, many: bigint) =>
  expect(many > few ? many - few : few - many, `${few} and ${many}`).to.be.at.most(CALLDATA_BYTES);

describe("The cost of a write", () => {
  it(`is the same for record ${FEW} and for record ${MANY}`, async () => {
    const world = await load();
    const { records, ids, generalHospital } = world;
    const to = await records.getAddress();
    const anchorTo = async (count: number) => {
      const missing = count - Number((await records.headOf(ids.alice)) % 2n ** 40n);
      const calls = Array.from({ length: missing }, (_, i) => ({
        from: generalHospital.address,
        to,
        data: records.interface.encodeFunctionData("anchor", [ids.alice, toBeHex(i + 1, 32)]),
      }));
      await sendAll(world, calls);
      expect((await records.headOf(ids.alice)) % 2n ** 40n).to.equal(count);
    };
    const anchor = () => records.connect(generalHospital).anchor(ids.alice, digestOf("a record"));

    await anchorTo(FEW);
    const few = await measured(world, anchor);
    await anchorTo(MANY);
    expect(await measured(world, anchor)).to.equal(few);
  });

  it(`is the same for grant ${FEW} and for grant ${MANY} of a patient, and so is that of the three revocations`, async () => {
    const world = await load();
    const { registrar, consents, ids, alice } = world;
    const to = await consents.getAddress();
    const until = BigInt((await now(world)) + 30 * DAY);
    const given = (steward: bigint): Grant => ({
      viewer: ids.insurer,
      purpose: 0,
      steward,
      categories: 0b11,
      sensitiveFromAnySteward: false,
      until,
    });
    let granted = 0;
    const grantTo = async (count: number) => {
      const calls = Array.from({ length: count - granted }, (_, i) => ({
        from: alice.address,
        to,
        data: consents.interface.encodeFunctionData("grant", [ids.alice, given(BigInt(1000 + granted + i))]),
      }));
      await sendAll(world, calls);
      granted = count;
      const last = given(BigInt(1000 + count - 1));
      expect(await consents.canView(ids.alice, last.steward, last.viewer, 0, 0)).to.be.true;
    };
    const writes = [
      () => consents.connect(alice).grant(ids.alice, given(500n)),
      () => consents.connect(alice).revokeGrant(ids.alice, ids.insurer, 0, 1000, 0b11),
      () => consents.connect(alice).revokeViewer(ids.alice, ids.insurer),
      () => revokeAllAs(registrar, alice),
    ];
    const measureAll = async () => {
      const all: bigint[] = [];
      for (const write of writes) all.push(await measured(world, write));
      return all;
    };

    await grantTo(FEW);
    const few = await measureAll();
    await grantTo(MANY);
    expect(await measureAll()).to.deep.equal(few);
    // Ten thousand grants end with one write.
    await revokeAllAs(registrar, alice);
    for (const steward of [1000n, 1000n + BigInt(MANY) - 1n]) {
      expect(await consents.canView(ids.alice, steward, ids.insurer, 0, 0)).to.be.false;
    }
  });

  it("is the same for the tenth viewer and for the five-hundredth", async () => {
    const world = await load();
    const { consents, ids, alice } = world;
    const viewers = await registerCrowd(world, 500);
    const until = BigInt((await now(world)) + 30 * DAY);
    const grant = (viewer: bigint) =>
      consents.connect(alice).grant(ids.alice, {
        viewer,
        purpose: 0,
        steward: ids.hospital,
        categories: 1,
        sensitiveFromAnySteward: false,
        until,
      });

    const costs: bigint[] = [];
    for (const viewer of viewers) costs.push(await gasOf(grant(viewer)));

    expectFlat(costs[FEW - 1]!, costs.at(-1)!);
  });

  it(`is the same for participant ${FEW} and for participant ${MANY}`, async () => {
    const world = await load();
    const { registrar, stranger } = world;
    const register = () => registrar.connect(stranger).registerPatient(digestOf("a key document"));

    await setParticipantCount(world, BigInt(FEW) - 1n);
    const few = await measured(world, register);
    await setParticipantCount(world, BigInt(MANY) - 1n);
    expect(await measured(world, register)).to.equal(few);
  });

  it(`is the same for proposal ${FEW} and for the three-hundredth to one patient`, async () => {
    const world = await load();
    const { relationships, ids, provider } = world;
    const clinics = await licenseCrowd(world, 300);
    const data = relationships.interface.encodeFunctionData("propose", [ids.alice, TERMS, 0]);
    const to = await relationships.getAddress();

    const hashes = await sendAll(
      world,
      clinics.map(({ account }) => ({ from: account, to, data })),
    );
    const [few, many] = await Promise.all(
      [hashes[FEW - 1]!, hashes.at(-1)!].map(async (hash) => (await provider.getTransactionReceipt(hash))!.gasUsed),
    );
    expect(many).to.equal(few);
  });

  it(`is the same for entry ${FEW} and for entry ${MANY} of a patient's list`, async () => {
    const world = await load();
    const { relationships, ids, alice, laboratory } = world;
    const deadline = BigInt((await now(world)) + DAY);
    const offer = { patient: ids.alice, provider: ids.laboratory, termsDigest: TERMS, nonce: 1n, until: 0n };
    const signed = await signOffer(world, laboratory, offer, { deadline });
    const accept = () => relationships.connect(alice).accept(offer, signed);
    // Both open a new word of the list, as every sixth entry does.
    await setListCount(world, ids.alice, 12n);
    const few = await measured(world, accept);
    await setListCount(world, ids.alice, 10_002n);
    expect(await measured(world, accept)).to.equal(few);
  });

  it(`is the same for the head of a log of ${FEW} and of ${MANY} leaves`, async () => {
    const world = await load();
    const { records, generalHospital } = world;
    const publish = (size: number) =>
      records.connect(generalHospital).publishHead(0, 2, size, digestOf("root"), digestOf("map"));
    await records.connect(generalHospital).publishHead(0, 1, 1, digestOf("root"), digestOf("map"));

    expectFlat(await measured(world, () => publish(FEW)), await measured(world, () => publish(MANY)));
  });
});
