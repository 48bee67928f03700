import { crowd, registerCrowd } from "../../helpers/contracts/crowd.js";
import { signOffer } from "../../helpers/contracts/typed-data.js";
import { TERMS, digestOf } from "../../helpers/contracts/world.js";
import { DEADLINE, hospitalsOffer, type Measure, type World } from "../world.js";

/** Records and the heads of logs. */
export async function measureRecords(world: World, measure: Measure) {
  const { records, relationships, ids, alice, bob, generalHospital, laboratory, insurer } = world;
  const { offer, accept } = await hospitalsOffer(world);
  const anchor = (text: string) => records.connect(generalHospital).anchor(ids.alice, digestOf(text));
  /** Bob's history is empty, whatever the size of the network. */
  const acceptBobs = async () => {
    const own = { ...offer, patient: ids.bob, provider: ids.laboratory };
    await relationships.connect(bob).accept(own, await signOffer(world, laboratory, own, DEADLINE));
  };
  await measure(
    "anchor, the first time",
    () => records.connect(laboratory).anchor(ids.bob, digestOf("a record")),
    acceptBobs,
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
  await measureAnchoredBatches(world, measure, accept, acceptBobs);
  const publish = (number: number) =>
    records
      .connect(insurer)
      .publishHead(1, number, number * 100, digestOf(`root ${number}`), digestOf(`map ${number}`));
  await measure("publish head, the first time", () => publish(1));
  await measure(
    "publish head",
    () => publish(2),
    () => publish(1),
  );
}

/** Batches for one patient and for ten. The largest number, so that nobody pays more than what is measured. */
async function measureAnchoredBatches(
  world: World,
  measure: Measure,
  accept: () => Promise<unknown>,
  acceptBobs: () => Promise<unknown>,
) {
  const { records, relationships, ids, alice, generalHospital, laboratory, provider } = world;
  const hospital = records.connect(generalHospital);
  const batchOf = (patient: bigint, text: string) => ({ patient, count: 32_767, digest: digestOf(text) });
  const batch = (text: string) => hospital.anchorBatch(batchOf(ids.alice, text));
  await measure(
    "anchor batch, the first time",
    () => records.connect(laboratory).anchorBatch(batchOf(ids.bob, "the first batch")),
    acceptBobs,
  );
  await measure(
    "anchor batch",
    () => batch("the second batch"),
    accept,
    () => batch("the first batch"),
  );
  await measure(
    "anchor batch, self-reported",
    () => records.connect(alice).anchorBatch(batchOf(ids.alice, "the second batch")),
    () => records.connect(alice).anchorBatch(batchOf(ids.alice, "the first batch")),
  );

  const ten: bigint[] = [];
  const treat = async () => {
    const patients = await registerCrowd(world, 10, 300_001);
    ten.splice(0, ten.length, ...patients);
    for (const [i, account] of (await crowd(world, 10, 300_001)).entries()) {
      await relationships.connect(generalHospital).propose(patients[i]!, TERMS, 0);
      await relationships.connect(await provider.getSigner(account)).approve(patients[i]!, ids.hospital, 1, TERMS, 0);
    }
  };
  const batches = (text: string) =>
    hospital.anchorBatches(ten.map((patient) => batchOf(patient, `${patient} ${text}`)));
  await measure("ten patients' batches, the first time", () => batches("first"), treat);
  await measure(
    "ten patients' batches",
    () => batches("second"),
    treat,
    () => batches("first"),
  );
}
