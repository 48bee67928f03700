import { expect } from "chai";
import { SigningKey, TypedDataEncoder, keccak256, toBeHex } from "ethers";

import { licenseCrowd, sendAll } from "../helpers/contracts/crowd.js";
import { fixture } from "../../devnet/index.js";
import { DAY, TYPES, signOffer } from "../helpers/contracts/typed-data.js";
import { TERMS, now, offerToAlice, withRelationship, type World } from "../helpers/contracts/world.js";

const PROVIDERS = 300;
const OFFERS = 10_000;

const load = fixture(async () => {
  const world = await withRelationship();
  return { ...world, flood: await licenseCrowd(world, PROVIDERS) };
});

/** Everything that the chain holds or shows about alice, her list and her summary. */
async function stateOfAlice({ relationships, summary, registrar, records, ids }: World) {
  const overview = await summary.overviewOf(ids.alice, 0, 1000);
  return JSON.stringify(
    [
      overview,
      (await relationships.providersOf(ids.alice, 0, 1000)).toString(),
      await relationships.providerCount(ids.alice),
      await registrar.epochsOf(ids.alice),
      await records.headOf(ids.alice),
    ],
    (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
  );
}

/** What it costs alice to accept the laboratory's offer, without doing it. */
async function gasOfAccepting(world: World, deadline: bigint) {
  const { relationships, ids, alice, laboratory, networkHelpers } = world;
  const snapshot = await networkHelpers.takeSnapshot();
  const offer = { ...(await offerToAlice(world)), provider: ids.laboratory, nonce: 1n };
  const signed = await signOffer(world, laboratory, offer, { deadline });
  const receipt = await (await relationships.connect(alice).accept(offer, signed)).wait();
  await snapshot.restore();
  return receipt!.gasUsed;
}

describe("A patient who is flooded", () => {
  it(`with proposals of ${PROVIDERS} providers keeps state, and pays what she paid before to accept an offer`, async () => {
    const world = await load();
    const { relationships, ids, flood } = world;
    const deadline = BigInt((await now(world)) + 30 * DAY);
    const state = await stateOfAlice(world);
    const gas = await gasOfAccepting(world, deadline);

    const to = await relationships.getAddress();
    const data = relationships.interface.encodeFunctionData("propose", [ids.alice, TERMS, 0]);
    await sendAll(
      world,
      flood.map(({ account }) => ({ from: account, to, data })),
    );

    for (const { id } of flood) expect((await relationships.relationship(ids.alice, id)).nonce).to.equal(1);
    expect(await stateOfAlice(world)).to.equal(state);
    expect(await gasOfAccepting(world, deadline)).to.equal(gas);
  });

  it(`with ${OFFERS} signed offers notices nothing on chain: none of them needs a transaction`, async () => {
    const world = await load();
    const { relationships, ids, flood, provider } = world;
    const deadline = BigInt((await now(world)) + 30 * DAY);
    const state = await stateOfAlice(world);
    const gas = await gasOfAccepting(world, deadline);
    const block = await provider.getBlockNumber();

    const verifyingContract = await relationships.getAddress();
    const domain = { name: "ChartChain", version: "1", chainId: 31337, verifyingContract };
    const encoder = TypedDataEncoder.from({ RelationshipOffer: TYPES.RelationshipOffer });
    const separator = TypedDataEncoder.hashDomain(domain).slice(2);
    const signatures = new Set<string>();
    for (let i = 0; i < OFFERS; ++i) {
      const key = new SigningKey(toBeHex(1n + BigInt(i % flood.length), 32));
      const offer = {
        patient: ids.alice,
        provider: flood[i % flood.length]!.id,
        termsDigest: toBeHex(i + 1, 32),
        nonce: 1n,
        until: 0n,
        deadline,
      };
      signatures.add(key.sign(keccak256(`0x1901${separator}${encoder.hash(offer).slice(2)}`)).serialized);
    }

    expect(signatures.size).to.equal(OFFERS);
    expect(await provider.getBlockNumber()).to.equal(block);
    expect(await stateOfAlice(world)).to.equal(state);
    expect(await gasOfAccepting(world, deadline)).to.equal(gas);
  });

  it("can refuse each of them for good", async () => {
    const world = await load();
    const { relationships, ids, alice, flood, provider } = world;
    const { id, account } = flood[0]!;
    await relationships.connect(alice).blockProvider(ids.alice, id);

    const signer = await provider.getSigner(account);
    await expect(relationships.connect(signer).propose(ids.alice, TERMS, 0)).to.be.revertedWithCustomError(
      relationships,
      "Blocked",
    );
  });
});
