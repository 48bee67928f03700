import { RECORD, VESTING, attest, batchOf, setBudget, state, strike, toSeason } from "../../helpers/contracts/bank.js";
import { authorize } from "../../helpers/contracts/typed-data.js";
import { COMMITMENT } from "../../helpers/contracts/world.js";
import { DEADLINE, type Measure, type World } from "../world.js";

/** A clinic's patients: the proof of one has fourteen hashes, and one more for each doubling. */
const PATIENTS = 10_000;

/** Opening an account, confirming deposits, claiming and taking out. */
export async function measureBank(world: World, measure: Measure) {
  const { dataBank, ids, alice, relayer, generalHospital, stranger, networkHelpers } = world;
  const patient = dataBank.connect(alice);
  const relay = dataBank.connect(relayer);
  const steward = dataBank.connect(generalHospital);
  const about = { patient: ids.alice, signatureEpoch: 0n, ...DEADLINE };
  const opening = await authorize(
    dataBank,
    "AccountOpening",
    { ...about, issuer: ids.hospital, commitment: COMMITMENT },
    alice,
  );
  const claiming = await authorize(dataBank, "InterestClaim", { ...about, steward: ids.hospital, season: 0n }, alice);
  const taking = { ...about, to: alice.address, amount: 1000n, withdrawal: 0n };
  const withdrawing = await authorize(dataBank, "InterestWithdrawal", taking, alice);

  const attested = () => attest(world, generalHospital, alice.address);
  const open = () => patient.openAccount(ids.hospital, COMMITMENT);
  const season = (number: number) => () => toSeason(world, number);
  const stated = () => state(world, generalHospital, ids.alice);
  const batch = batchOf([ids.alice, ...strangers(PATIENTS - 1)], ids.hospital, 0);
  const confirm = () => steward.confirmSeason(0, batch.root, batch.count);
  const claim =
    (number: number, proof: string[] = []) =>
    () =>
      patient.claim(ids.hospital, number, proof);
  const opened = [attested, open];
  const statement = async () => {
    const message = { steward: ids.hospital, patient: ids.alice, season: 0n, recordDigest: RECORD, ...DEADLINE };
    const authorization = await authorize(dataBank, "DepositStatement", message, generalHospital);
    return relay.confirmDeposit(ids.alice, RECORD, authorization);
  };
  const confirmed = [...opened, season(1), stated, season(3)];
  const claimed = [...confirmed, claim(0), () => networkHelpers.time.increase(VESTING)];

  await measure("open account", open, attested);
  await measure("open account, signed", () => relay.openAccountWithSig(ids.hospital, COMMITMENT, opening), attested);
  await measure("set budget", () => setBudget(world, ids.laboratory, 100));
  await measure("post bond", () => dataBank.postBond(ids.laboratory, { value: 1n }));
  await measure("confirm a batch of deposits", confirm, season(1));
  await measure("confirm a deposit by a statement", statement, ...opened, season(1));
  await measure("claim", claim(0, batch.proofOf(ids.alice)), ...opened, season(1), confirm, season(3));
  await measure("claim, by a statement", claim(0), ...confirmed);
  await measure("claim, by a statement, signed", () => relay.claimWithSig(ids.hospital, 0, [], claiming), ...confirmed);
  await measure(
    "claim, in a row",
    claim(1),
    ...opened,
    season(1),
    stated,
    season(2),
    stated,
    season(3),
    claim(0),
    season(4),
  );
  await measure("strike", () => strike(world, ids.alice, ids.hospital, 0), ...confirmed, claim(0));
  await measure("take out interest, the first time", () => patient.withdraw(stranger.address, 1000), ...claimed);
  await measure(
    "take out interest",
    () => patient.withdraw(alice.address, 1000),
    ...claimed,
    () => patient.withdraw(alice.address, 1000),
  );
  await measure(
    "take out interest, signed",
    () => relay.withdrawWithSig(alice.address, 1000, withdrawing),
    ...claimed,
    () => patient.withdraw(alice.address, 1000),
  );
}

const strangers = (count: number) => Array.from({ length: count }, (_, i) => BigInt(1_000_000 + i));
