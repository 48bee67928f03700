import { authorize } from "../../helpers/contracts/typed-data.js";
import { digestOf } from "../../helpers/contracts/world.js";
import { DEADLINE, START, type Measure, type World } from "../world.js";

const [JUSTIFIED, UNJUSTIFIED] = [1, 2];
const HOUR = 60 * 60;

/** Breaking the glass, and saying afterwards whether there was an emergency. */
export async function measureEmergencies(world: World, measure: Measure) {
  const { consents, delegates, ids, alice, bob, generalHospital, relayer, authority, networkHelpers } = world;
  const start = START + 40 * 24 * HOUR;
  const at = (hours: number) => networkHelpers.time.increaseTo(start + hours * HOUR);
  const breakGlass = (hours = 4) =>
    consents.connect(generalHospital).breakGlass(ids.alice, start + hours * HOUR, digestOf("a reason"));
  const about = { patient: ids.alice, responder: ids.hospital, responderName: "General Hospital", number: 1n };
  const reviewing = await authorize(consents, "EmergencyReview", { ...about, justified: false, ...DEADLINE }, alice);
  const review = (by: typeof alice, outcome: number) => () =>
    consents.connect(by).review(ids.alice, ids.hospital, 1, outcome);
  const begin = () => at(0);

  await measure("break glass, the first time", () => breakGlass(), begin);
  await measure(
    "break glass",
    () => breakGlass(9),
    begin,
    () => breakGlass(),
    () => at(5),
  );
  await measure("review, justified", review(alice, JUSTIFIED), begin, () => breakGlass());
  await measure("review, unjustified", review(alice, UNJUSTIFIED), begin, () => breakGlass());
  await measure(
    "review, unjustified, signed",
    () => consents.connect(relayer).reviewWithSig(ids.alice, ids.hospital, 1, UNJUSTIFIED, reviewing),
    begin,
    () => breakGlass(),
  );
  await measure(
    "review, by a delegate",
    review(bob, UNJUSTIFIED),
    begin,
    () => breakGlass(),
    () => delegates.connect(alice).appoint(ids.bob, { approving: true, granting: 0, viewing: 0 }, start + 24 * HOUR),
  );
  await measure(
    "review, by the authority",
    () => consents.connect(authority).reviewAsAuthority(ids.alice, ids.hospital, 1, UNJUSTIFIED),
    begin,
    () => breakGlass(),
  );
}
