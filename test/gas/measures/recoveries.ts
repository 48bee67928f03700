import { ZeroHash, type Signer } from "ethers";

import { authorize } from "../../helpers/contracts/typed-data.js";
import { digestOf } from "../../helpers/contracts/world.js";
import { DEADLINE, type Measure, type World } from "../world.js";
import { guardiansDigest } from "../../helpers/contracts/recovery.js";

const DAY = 24 * 60 * 60;

/** A recovery from its guardians to its execution, among five guardians; what grows with their number also at sixteen. */
export async function measureRecoveries(world: World, measure: Measure) {
  const { registrar, ids, alice, bob, generalHospital, laboratory, insurer, stranger, relayer, clinics } = world;
  const all = [ids.bob, ids.hospital, ids.laboratory, ids.insurer, ...clinics.map(({ id }) => id)];
  const guardiansOf = (members: bigint[], threshold = 3) => ({
    members: [...members].sort((a, b) => Number(a - b)),
    threshold,
    delay: DAY,
    salt: digestOf("a salt"),
  });
  const five = guardiansOf(all.slice(0, 5));
  const sixteen = guardiansOf(all);
  const two = guardiansOf(all.slice(0, 2), 1);
  const asAlice = registrar.connect(alice);
  const asRelayer = registrar.connect(relayer);
  const newAccount = stranger.address;

  // Guardians

  const digest = guardiansDigest(ids.alice, five);
  const other = guardiansDigest(ids.alice, sixteen);
  const name = (guardians = digest) => asAlice.changeGuardians(guardians);
  const change = { participant: ids.alice, signatureEpoch: 0n, ...DEADLINE };
  const naming = await authorize(registrar, "GuardianChange", { ...change, guardiansDigest: digest }, alice);

  await measure("change guardians, the first time", () => name());
  await measure("change guardians, the first time, signed", () => asRelayer.changeGuardiansWithSig(digest, naming));
  await measure(
    "change guardians",
    () => name(other),
    () => name(),
  );

  // Recovery, started by bob

  const about = { participant: ids.alice, starter: ids.bob, number: 1n, ...DEADLINE };
  const approving = (guardian: bigint, signer: Signer) =>
    authorize(registrar, "RecoveryApproval", { ...about, guardian, newAccount }, signer);
  const bobs = await approving(ids.bob, bob);
  const hospitals = await approving(ids.hospital, generalHospital);
  const vetoing = await authorize(registrar, "RecoveryVeto", about, alice);
  const key = digestOf("another key document");
  const accepting = (keyDocument: string) =>
    authorize(registrar, "RecoveryAcceptance", { ...about, account: newAccount, keyDocument }, stranger);
  const [keeping, changing] = [await accepting(ZeroHash), await accepting(key)];
  const start = (guardians = five) => registrar.connect(bob).startRecovery(ids.alice, newAccount, guardians);
  const approve = (by: Signer, guardians = five) =>
    registrar.connect(by).approveRecovery(ids.alice, ids.bob, 1, guardians);
  const veto = () => asAlice.vetoRecovery(ids.bob, 1, five);
  const begun = [() => name(), () => start()];
  const pending = [...begun, () => approve(generalHospital), () => approve(laboratory)];
  const vetoed = [...pending, veto];
  const wait = () => world.networkHelpers.time.increase(DAY + 60);

  await measure(
    "start recovery",
    () => start(),
    () => name(),
  );
  await measure(
    "start recovery, signed",
    () => asRelayer.startRecoveryWithSig(ids.alice, newAccount, five, bobs),
    () => name(),
  );
  await measure(
    "start recovery, sixteen guardians",
    () => start(sixteen),
    () => name(other),
  );
  await measure(
    "start recovery, one approval suffices",
    () => start(two),
    async () => name(guardiansDigest(ids.alice, two)),
  );
  await measure("approve recovery", () => approve(generalHospital), ...begun);
  await measure(
    "approve recovery, signed",
    () => asRelayer.approveRecoveryWithSig(ids.alice, ids.bob, 1, five, hospitals),
    ...begun,
  );
  await measure(
    "approve recovery, the last",
    () => approve(laboratory),
    ...begun,
    () => approve(generalHospital),
  );
  await measure(
    "approve recovery, sixteen guardians",
    () => approve(generalHospital, sixteen),
    () => name(other),
    () => start(sixteen),
  );
  await measure("veto recovery", veto, ...pending);
  await measure("veto recovery, signed", () => asRelayer.vetoRecoveryWithSig(ids.bob, 1, five, vetoing), ...pending);
  await measure("approve recovery, after a veto", () => approve(insurer), ...vetoed);
  await measure(
    "execute recovery",
    () => asRelayer.executeRecovery(ids.alice, ids.bob, ZeroHash, five, keeping),
    ...pending,
    wait,
  );
  await measure(
    "execute recovery, with another key",
    () => asRelayer.executeRecovery(ids.alice, ids.bob, key, five, changing),
    ...pending,
    wait,
  );
}
