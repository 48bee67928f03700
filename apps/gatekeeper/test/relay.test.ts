import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { SignedActionFile } from "chartchain";
import { createDevnet, relate, throughJson, type Actor, type Devnet } from "chartchain/devnet";

import { command, reader, type Reader, serve, setUp, signedIn, type Served, STAFF } from "./stage.js";

const HOUR = 3_600;
/** How many blocks it takes until one is final. */
const FINALITY = 5;
/** How long a grant counts at the desk, in seconds: long enough for a busy machine, short enough to wait for. */
const LASTS = 30;
const CHART = {
  ...{ resourceType: "Bundle", type: "collection" },
  entry: [
    { resourceType: "Patient", id: "alice", birthDate: "1980-02-03" },
    {
      ...{ resourceType: "Observation", id: "weight", status: "final", subject: { reference: "Patient/alice" } },
      ...{ code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] }, effectiveDateTime: "2026-01-02" },
      valueQuantity: { value: 64.5, unit: "kg" },
    },
  ].map((resource) => ({ fullUrl: `http://hospital.example/fhir/${resource.resourceType}/${resource.id}`, resource })),
};

describe("signed actions, handed over to a gatekeeper that sends them", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let alice: Actor;
  let folder: string;
  let config: string;
  let service: Served;
  let clinics = 0;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(hospital, alice);
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"));
    ({ config } = setUp(world, hospital, folder, {
      finality: FINALITY,
      relay: { actionsPerDay: 6, desk: { lasts: LASTS } },
    }));
    const file = join(folder, "alice.json");
    writeFileSync(file, JSON.stringify(CHART));
    const args = ["import", "--config", config, "--patient", String(alice.id), file];
    expect((await command(hospital.passphrase, ...args)).code).to.equal(0);
    service = await serve(hospital.passphrase, config);
  });
  beforeEach(async () => {
    clinic = await world.institution(`Clinic ${++clinics}`);
  });
  after(async () => {
    await service?.stop();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const signedGrant = async (purpose: "TREAT" | "HPAYMT" = "TREAT", by = alice) =>
    by.client.signGrantAccess({
      ...{ viewer: clinic.id, categories: ["OBSERVATION"], purpose, until: (await world.now()) + HOUR },
    });
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const all = { "content-type": "application/json", ...headers };
    const answer = await fetch(service.url + path, { method: "POST", headers: all, body: JSON.stringify(body) });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  };
  /** What came of an action, once it is no longer being sent. */
  const outcome = async (id: unknown): Promise<Record<string, unknown>> => {
    for (;;) {
      const answer = (await (await fetch(`${service.url}/relay/${String(id)}`)).json()) as Record<string, unknown>;
      if (answer["state"] !== "waiting") return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const weight = async (ask: Reader) => (await ask("/fhir/Observation/weight")).status;
  const mine = (blocks: number) => world.provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]);
  const isOnChain = () =>
    clinic.client.canView({
      ...{ patient: alice.id, viewer: clinic.id, steward: hospital.id, category: "OBSERVATION", purpose: "TREAT" },
    });
  /** Meanwhile no block is made. */
  const withoutBlocks = async (work: () => Promise<void>) => {
    await world.provider.send("evm_setAutomine", [false]);
    try {
      await work();
    } finally {
      await world.provider.send("evm_setAutomine", [true]);
    }
  };

  it("let a grant at the desk count at once, before a block has it, and on while that isn't final", async () => {
    await mine(FINALITY);
    const asClinic = await signedIn(service.url, clinic);
    expect(await weight(asClinic)).to.equal(404);
    let id: unknown;
    await withoutBlocks(async () => {
      const { status, json } = await post("/grants", await signedGrant());
      expect([status, json["state"]]).to.deep.equal([200, "waiting"]);
      expect(Number(json["countsUntil"]) - Number(json["received"])).to.equal(LASTS);
      expect([await isOnChain(), await weight(asClinic)]).to.deep.equal([false, 200]);
      id = json["id"];
    });
    await mine(1);
    expect((await outcome(id))["state"]).to.equal("sent");
    expect([await isOnChain(), await weight(asClinic)]).to.deep.equal([true, 200]);
    await mine(FINALITY);
    expect(await weight(asClinic)).to.equal(200);
  });

  it("deny again where a grant at the desk isn't final in its time, and say so", async () => {
    const asClinic = await signedIn(service.url, clinic);
    const { json } = await post("/grants", await signedGrant());
    expect(await weight(asClinic)).to.equal(200);
    expect((await outcome(json["id"]))["state"]).to.equal("sent");
    // The chain has it, and no further block makes it final.
    while ((await weight(asClinic)) === 200) await new Promise((resolve) => setTimeout(resolve, 500));
    expect(Date.now() / 1000).to.be.at.least(Number(json["countsUntil"]));
    const asStaff = reader(service.url, STAFF);
    const told = await asStaff(`/explain?patient=${alice.id}&viewer=${clinic.id}&purpose=TREAT`);
    const observation = (told.json as unknown as Record<string, unknown>[]).find(
      ({ category }) => category === "OBSERVATION",
    )!;
    expect([observation["allowed"], observation["reason"]]).to.deep.equal([false, "NOT_FINAL"]);
    expect(observation["handedOver"]).to.have.length(1);
    await mine(FINALITY);
    expect(await weight(asClinic)).to.equal(200);
  });

  it("let nothing count at the desk for another purpose, by somebody else's word, or after a revocation", async () => {
    const asClinic = await signedIn(service.url, clinic);
    const mallory = await world.patient("mallory");
    for (const [file, what] of [
      [await signedGrant("HPAYMT"), "HPAYMT"],
      [{ ...throughJson(await signedGrant()), account: mallory.wallet.address }, "HANDOVER_ALTERED"],
      [await alice.client.signRevokeAccess({ viewer: clinic.id }), "no plain grant"],
    ] as const) {
      const { status, json } = await post("/grants", file);
      expect(status, what).to.equal(422);
      expect(json["title"]).to.include(what);
    }
    await withoutBlocks(async () => {
      const revocation = await alice.client.signRevokeAccess({ viewer: clinic.id });
      const grant = await signedGrant();
      expect((await post("/revocations", revocation)).status).to.equal(200);
      const refused = await post("/grants", grant);
      expect([refused.status, await weight(asClinic)]).to.deep.equal([422, 404]);
    });
  });

  it("are sent for its own patients, once, and not for others without an invitation", async () => {
    const bob = await world.actor("bob", { ether: false });
    const registration = await bob.client.signRegisterPatient();
    expect((await post("/relay", registration)).status).to.equal(403);
    const made = await post("/relay/invitations", {}, { authorization: `Bearer ${STAFF}` });
    const invitation = { "chartchain-invitation": String(made.json["invitation"]) };
    const first = await post("/relay", registration, invitation);
    expect(first.status).to.equal(200);
    expect((await outcome(first.json["id"]))["state"]).to.equal("sent");
    bob.id = await bob.client.ownId();
    expect((await post("/relay", registration)).json["id"]).to.equal(first.json["id"]);
    const carol = await world.actor("carol", { ether: false });
    expect((await post("/relay", await carol.client.signRegisterPatient(), invitation)).status).to.equal(403);
    const stranger = await world.patient("stranger");
    expect((await post("/relay", await signedGrant("TREAT", stranger))).status).to.equal(403);
    expect((await post("/relay/invitations", {})).status).to.equal(401);
    // An offer of this hospital's makes somebody its patient.
    expect((await post("/relay", await alice.client.signCancelSignatures())).status).to.equal(200);
  });

  it("are sent as far as a day's budget goes, what failed counted; what takes away always", async () => {
    const dora = await world.patient("dora");
    await service.stop();
    // The vault is free meanwhile.
    const home = hospital.home;
    hospital.home = join(folder, "home", String(world.deployment.chainId));
    await world.reopen(hospital);
    await relate(hospital, dora);
    hospital.vault.close();
    hospital.home = home;
    service = await serve(hospital.passphrase, config);
    const stale = await signedGrant("TREAT", dora);
    await dora.client.cancelSignatures();
    const failed = await post("/relay", stale);
    expect([failed.status, String(failed.json["title"]).split(":")[0]]).to.deep.equal([422, "INVALID_SIGNATURE"]);
    for (let n = 0; n < 5; n++) {
      const sent = await post("/relay", await signedGrant("TREAT", dora));
      expect([sent.status, (await outcome(sent.json["id"]))["state"]]).to.deep.equal([200, "sent"]);
    }
    expect((await post("/relay", await signedGrant("TREAT", dora))).status).to.equal(429);
    const revoked = await post("/relay", await dora.client.signRevokeAccess({ viewer: clinic.id }));
    expect([revoked.status, (await outcome(revoked.json["id"]))["state"]]).to.deep.equal([200, "sent"]);
    expect(revoked.json["deniedSince"]).to.be.a("number");
  });

  it("pay for nothing that is the authority's, or costs more than a patient's acts do", async () => {
    const order: Pick<SignedActionFile, "kind"> = { kind: "chartchain/signed-action" };
    expect((await post("/relay", order)).status).to.equal(400);
    expect(
      (await post("/relay", { ...order, action: "mint", message: {}, account: "0x", signature: "0x" })).status,
    ).to.equal(422);
  });
});
