import { expect } from "chai";

import { keyDocumentOf } from "../../../src/sdk/people/participants.js";
import { expectCode } from "../helpers.js";
import { createDevnet, type Devnet } from "../../../devnet/index.js";

describe("registering", () => {
  let world: Devnet;
  before(async () => {
    world = await createDevnet();
  });
  after(() => world.close());

  it("makes a person of an account, with the vault's key", async () => {
    const alice = await world.actor("alice");
    const { participant, events } = await alice.client.registerPatient();
    expect(await alice.client.ownId()).to.equal(participant);
    expect(events["PatientRegistered"]).to.include({ account: alice.wallet.address });
    const { publicKey } = await keyDocumentOf(alice.client, participant);
    expect(publicKey).to.deep.equal((await alice.vault.identity.keyPair()).publicKey);
    await expectCode("ALREADY_REGISTERED", alice.client.registerPatient());
    await expectCode("ALREADY_REGISTERED", alice.client.registerInstitution({ name: "Alice" }));
  });

  it("makes an institution of an account, with a name and a service, which may do nothing yet", async () => {
    const clinic = await world.actor("clinic");
    await expectCode("NAME_UNFIT", clinic.client.registerInstitution({ name: "" }));
    const service = "https://clinic.example/fhir";
    const { participant } = await clinic.client.registerInstitution({ name: "General Hospital", service });
    expect((await keyDocumentOf(clinic.client, participant)).service).to.equal(service);
    expect(await clinic.client.describeParticipant({ id: participant })).to.deep.include({
      name: "General Hospital",
      inGoodStanding: false,
    });
    await expectCode("NOT_A_LICENSED_PROVIDER", clinic.client.proposeRelationship({ patient: 1 }));
  });

  it("signed by somebody without ether is relayed by anybody, within its lifetime", async () => {
    const bob = await world.actor("bob", { ether: false });
    const relayer = await world.patient("relayer");
    await expectCode("NO_FUNDS", bob.client.registerPatient());
    const file = await bob.client.signRegisterPatient({ lifetime: 30 });
    await world.increaseTime(60);
    await expectCode("HANDOVER_EXPIRED", relayer.client.relay({ file }));
    await relayer.client.relay({ file: await bob.client.signRegisterPatient() });
    expect(await bob.client.ownId()).to.be.greaterThan(0);
  });
});
