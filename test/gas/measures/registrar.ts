import {
  authorize,
  categoriesOf,
  signFullRevocation,
  type Message,
  type TypeName,
} from "../../helpers/contracts/typed-data.js";
import { OWNER } from "../../helpers/contracts/participants.js";
import { COMMITMENT, KEY_DOCUMENT, digestOf } from "../../helpers/contracts/world.js";
import { DEADLINE, START_YEAR, type Measure, type World } from "../world.js";

/** Registration, licences, accounts, epochs, keys, settings and children. */
export async function measureRegistrar(world: World, measure: Measure) {
  const { registrar, ids, alice, generalHospital, stranger, relayer, authority, networkHelpers } = world;
  const asAlice = registrar.connect(alice);
  const asRelayer = registrar.connect(relayer);
  const sign = (type: TypeName, message: Message, signer = alice) =>
    authorize(registrar, type, { ...message, ...DEADLINE }, signer);

  // Registration and licences

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

  // Accounts

  const account = { participant: ids.alice, account: stranger.address, signatureEpoch: 0n };
  const joining = await sign("AccountAddition", account, stranger);
  const inviting = await sign("AccountInvitation", { ...account, scope: "owner" });
  const own = { ...account, account: alice.address };
  const retiring = await sign("AccountRetirement", own);
  const keeping = await sign("AccountKeeping", { ...own, signatureEpoch: 1n });
  const retire = () => asAlice.retireAccount(alice.address);

  await measure("add account", () => asAlice.addAccount(OWNER, joining));
  await measure("add account, signed", () => asRelayer.addAccountWithSig(OWNER, joining, inviting));
  await measure("retire account", retire);
  await measure("retire account, signed", () => asRelayer.retireAccountWithSig(alice.address, retiring));
  await measure("keep account", () => asAlice.keepAccount(alice.address), retire);
  await measure("keep account, signed", () => asRelayer.keepAccountWithSig(alice.address, keeping), retire);

  // Epochs

  const revoke = () => asAlice.revokeAll(ids.alice);
  const everyone = await signFullRevocation(world, alice, DEADLINE);
  const cancelling = await sign("SignatureCancellation", { participant: ids.alice, signatureEpoch: 0n });

  await measure("revoke all", revoke);
  await measure("revoke all, signed", () => asRelayer.revokeAllWithSig(ids.alice, everyone));
  await measure("cancel signatures", () => asAlice.cancelSignatures());
  await measure("cancel signatures, signed", () => asRelayer.cancelSignaturesWithSig(cancelling));

  // Keys

  const key = digestOf("another key document");
  const change = () => asAlice.changeKey(key);
  const wait = () => networkHelpers.time.increase(3 * 24 * 60 * 60);
  const changing = await sign("KeyChange", {
    participant: ids.alice,
    keyDocument: key,
    keyVersion: 2n,
    signatureEpoch: 0n,
  });

  const callingOff = await sign("KeyChangeCancellation", {
    participant: ids.alice,
    keyDocument: key,
    keyVersion: 2n,
    signatureEpoch: 0n,
  });

  await measure("change key", change);
  await measure("change key, signed", () => asRelayer.changeKeyWithSig(key, changing));
  await measure("change key, again", () => asAlice.changeKey(KEY_DOCUMENT), change, wait);
  await measure("cancel key change", () => asAlice.cancelKeyChange(), change);
  await measure("cancel key change, signed", () => asRelayer.cancelKeyChangeWithSig(callingOff), change);

  // Settings

  const settings = { knownOnly: true, longestGrant: 365, emergency: 0b111 };
  const set = await sign("PatientSettings", {
    patient: ids.alice,
    refuseProposalsFromUnknownProviders: true,
    longestGrantInDays: 365n,
    emergencyCategories: categoriesOf(0b111),
    signatureEpoch: 0n,
  });

  await measure("change settings", () => asAlice.changeSettings(ids.alice, settings));
  await measure("change settings, signed", () => asRelayer.changeSettingsWithSig(ids.alice, settings, set));

  // Children

  const child = (await registrar.participantCount()) + 1n;
  const birth = { keyDocument: KEY_DOCUMENT, commitment: COMMITMENT, comesOfAgeIn: BigInt(START_YEAR) };
  const attesting = await sign(
    "ChildRegistration",
    { ...birth, issuer: ids.hospital, representative: ids.alice },
    generalHospital,
  );
  const representing = await sign("ChildRepresentation", {
    ...birth,
    representative: ids.alice,
    issuer: ids.hospital,
    signatureEpoch: 0n,
  });
  const coming = await sign(
    "ComingOfAge",
    { issuer: ids.hospital, child, account: stranger.address, keyDocument: key },
    generalHospital,
  );
  const grown = await sign("ComingOfAgeAccount", { child, account: stranger.address, keyDocument: key }, stranger);
  const registerChild = () => asAlice.registerChild(KEY_DOCUMENT, COMMITMENT, START_YEAR, attesting);

  await measure("register child", registerChild);
  await measure("register child, signed", () =>
    asRelayer.registerChildWithSig(KEY_DOCUMENT, COMMITMENT, START_YEAR, attesting, representing),
  );
  await measure("come of age", () => asRelayer.comeOfAge(child, key, grown, coming), registerChild);
}
