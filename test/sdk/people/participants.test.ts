import { expect } from "chai";

import { keyDocumentOf, verifiedName } from "../../../src/sdk/people/participants.js";
import { expectCode } from "../helpers.js";
import { behindProxy } from "../proxy.js";
import { createDevnet, type Actor, type Devnet } from "../../../devnet/index.js";

describe("participants", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital", ["PROVIDER", "RESEARCHER"]);
    alice = await world.patient("alice");
  });
  after(() => world.close());

  it("are described as the chain knows them", async () => {
    expect(await alice.client.describeParticipant({ id: clinic.id })).to.deep.include({
      kind: "institution",
      name: "General Hospital",
      roles: ["PROVIDER", "RESEARCHER"],
      inGoodStanding: true,
      suspendedUntil: 0,
      keyVersion: 1,
    });
    expect(await alice.client.describeParticipant({ id: alice.id })).to.deep.include({
      kind: "person",
      name: "",
      roles: [],
      inGoodStanding: true,
    });
  });

  it("have the key that their vault holds", async () => {
    const { publicKey, keyVersion } = await keyDocumentOf(clinic.client, alice.id);
    expect(publicKey).to.deep.equal((await alice.vault.identity.keyPair()).publicKey);
    expect(keyVersion).to.equal(1);
  });

  it("that don't exist are told as such", async () => {
    await expectCode("UNKNOWN_PARTICIPANT", alice.client.describeParticipant({ id: 999 }));
    await expectCode("UNKNOWN_PARTICIPANT", keyDocumentOf(alice.client, 999));
  });

  it("have no name that a node made up or hides", async () => {
    const proxy = await behindProxy(world, alice);
    const { client } = proxy;
    proxy.after = ({ method }, response) => {
      if (method !== "eth_getLogs") return response;
      const forged = Buffer.from("General Hospital").toString("hex");
      return JSON.parse(
        JSON.stringify(response).replaceAll(forged, Buffer.from("Generous Quacks!").toString("hex")),
      ) as typeof response;
    };
    await expectCode("NAME_UNVERIFIED", client.describeParticipant({ id: clinic.id }));
    proxy.after = ({ method }, response) => (method === "eth_getLogs" ? { result: [] } : response);
    await expectCode("NAME_UNVERIFIED", verifiedName(client, clinic.id));
    expect(await verifiedName(client, alice.id), "a person has none").to.equal("");
    await proxy.close();
  });
});
