import { signOffer } from "../../helpers/contracts/typed-data.js";
import { digestOf } from "../../helpers/contracts/world.js";
import { DEADLINE, hospitalsOffer, type Measure, type World } from "../world.js";

/** Records and the heads of logs. */
export async function measureRecords(world: World, measure: Measure) {
  const { records, relationships, ids, alice, bob, generalHospital, laboratory, insurer } = world;
  const { offer, accept } = await hospitalsOffer(world);
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
}
