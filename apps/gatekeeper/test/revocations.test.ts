import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";

import { expect } from "chai";
import type { SignedActionFile } from "chartchain";
import { createDevnet, relate, throughJson, type Actor, type Devnet } from "chartchain/devnet";

import {
  command,
  type Front,
  frontOfGatekeeper,
  reader,
  type Reader,
  serve,
  setUp,
  signedIn,
  type Served,
  STAFF,
} from "./stage.js";

const HOUR = 3_600;
const WEIGHT = {
  ...{ resourceType: "Observation", id: "weight", status: "final", subject: { reference: "Patient/alice" } },
  ...{ code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] }, effectiveDateTime: "2026-01-02" },
  valueQuantity: { value: 64.5, unit: "kg" },
};
const CHART = {
  ...{ resourceType: "Bundle", type: "collection" },
  entry: [{ resourceType: "Patient", id: "alice", birthDate: "1980-02-03" }, WEIGHT].map((resource) => ({
    ...{ fullUrl: `http://hospital.example/fhir/${resource.resourceType}/${resource.id}`, resource },
  })),
};

describe("a signed revocation, handed over", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let alice: Actor;
  let folder: string;
  let front: Front;
  let config: string;
  let service: Served;
  let asClinic: Reader;
  let clinics = 0;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(hospital, alice);
    const large = new Uint8Array(24 * 1_048_576).map((_, i) => (i * 7919) % 251);
    await hospital.client.addRecord({ patient: alice.id, category: "CARE", content: large });
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"));
    front = await frontOfGatekeeper();
    ({ config } = setUp(world, hospital, folder, {
      publicUrl: front.url,
      deliveries: { store: { folder: world.ipfs }, every: 0.2 },
    }));
    const file = join(folder, "alice.json");
    writeFileSync(file, JSON.stringify(CHART));
    const args = ["import", "--config", config, "--patient", String(alice.id), file];
    expect((await command(hospital.passphrase, ...args)).code).to.equal(0);
    await start();
  });
  beforeEach(async () => {
    clinic = await world.institution(`Clinic ${++clinics}`);
    await grant();
    asClinic = await signedIn(service.url, clinic);
  });
  after(async () => {
    await service?.stop();
    front?.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async () => {
    service = await serve(hospital.passphrase, config);
    front.target = service.url;
  };
  const grant = async () => {
    const until = (await world.now()) + HOUR;
    const categories = ["OBSERVATION", "CARE"] as const;
    await alice.client.grantAccess({ viewer: clinic.id, categories, purpose: "TREAT", until });
  };
  const handOver = async (file: SignedActionFile) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify(file);
    const answer = await fetch(`${service.url}/revocations`, { method: "POST", headers, body });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  };
  const weight = async () => (await asClinic("/fhir/Observation/weight")).status;
  const isOnChain = () =>
    clinic.client.canView({
      patient: alice.id,
      viewer: clinic.id,
      steward: hospital.id,
      category: "OBSERVATION",
      purpose: "TREAT",
    });

  it("denies from its receipt on, though no block has it, also after a kill, and says since when", async () => {
    expect(await weight()).to.equal(200);
    const file = await alice.client.signRevokeAccess({ viewer: clinic.id });
    const { status, json } = await handOver(file);
    expect([status, json["state"], json["deniedSince"]]).to.deep.equal([200, "kept", json["received"]]);
    expect(await weight()).to.equal(404);
    expect(await isOnChain()).to.equal(true);
    expect((await handOver(file)).json).to.deep.equal(json);
    await service.stop("SIGKILL");
    await start();
    asClinic = await signedIn(service.url, clinic);
    expect(await weight()).to.equal(404);
    const asStaff = reader(service.url, STAFF);
    const told = await asStaff(`/explain?patient=${alice.id}&viewer=${clinic.id}&purpose=TREAT`);
    const [{ handedOver }] = told.json as unknown as [{ handedOver: { deniedSince: number; says: string }[] }];
    expect(handedOver.map(({ deniedSince }) => deniedSince)).to.deep.equal([json["deniedSince"]]);
    expect(handedOver[0]!.says).to.include("may no longer see anything of mine");
  });

  it("of one grant denies that one, and a grant that is written over it until it is carried out", async () => {
    const input = { viewer: clinic.id, purpose: "TREAT", steward: 0, categories: ["OBSERVATION"] } as const;
    const file = await alice.client.signRevokeAccess(input);
    expect((await handOver(file)).status).to.equal(200);
    expect(await weight()).to.equal(404);
    const { token } = await clinic.client.signInAt({ gatekeeper: front.url, purpose: "TREAT" });
    expect((await fetch(`${front.url}/ipfs/${packOf("CARE")}?format=raw`, { headers: bearer(token) })).status).to.equal(
      200,
    );
    // The contract gets over one write in between, and so does this.
    await grant();
    expect([await isOnChain(), await weight()]).to.deep.equal([true, 404]);
    await clinic.client.relay({ file: throughJson(file) });
    await grant();
    expect(await weight()).to.equal(200);
  });

  it("of everything denies everybody, a delegate too", async () => {
    const bob = await world.patient("bob");
    await alice.client.appointDelegate({ delegate: bob.id, view: ["OBSERVATION"], until: (await world.now()) + HOUR });
    const asBob = await signedIn(service.url, bob);
    expect((await asBob("/fhir/Observation/weight")).status).to.equal(200);
    const dismissal = await alice.client.signDismissDelegate({ delegate: bob.id });
    expect((await handOver(dismissal)).status).to.equal(200);
    expect((await asBob("/fhir/Observation/weight")).status).to.equal(404);
    const file = await alice.client.signRevokeAccess({ everyone: true });
    expect((await handOver(file)).status).to.equal(200);
    expect(await weight()).to.equal(404);
    await clinic.client.relay({ file: throughJson(file) });
    await grant();
    expect(await weight()).to.equal(200);
  });

  it("ends what is being read, in the middle", async () => {
    const { token } = await clinic.client.signInAt({ gatekeeper: front.url, purpose: "TREAT" });
    const reading = request(`${service.url}/ipfs/${packOf("CARE")}?format=car`, { headers: bearer(token) });
    reading.end();
    const [answer] = (await once(reading, "response")) as [IncomingMessage];
    expect(answer.statusCode).to.equal(200);
    // Nobody reads on: the service has most of it still.
    answer.pause();
    expect((await handOver(await alice.client.signRevokeAccess({ viewer: clinic.id }))).status).to.equal(200);
    let size = 0;
    const whole = await new Promise<boolean>((resolve) => {
      answer.on("data", (chunk: Buffer) => (size += chunk.length));
      answer.once("end", () => resolve(true));
      answer.once("error", () => resolve(false));
      answer.resume();
    });
    expect(whole).to.equal(false);
    expect(size).to.be.lessThan(24 * 1_048_576);
  });

  it("is refused by name where it is altered, of another chain, stale, or no revocation", async () => {
    const file = throughJson(await alice.client.signRevokeAccess({ viewer: clinic.id }));
    const until = (await world.now()) + HOUR;
    const plain = { viewer: clinic.id, categories: ["OBSERVATION"], purpose: "TREAT", until } as const;
    for (const [given, code] of [
      [{ ...file, message: { ...file.message, generation: 7 } }, "HANDOVER_ALTERED"],
      [{ ...file, chainId: 1 }, "HANDOVER_WRONG_CHAIN"],
      [{ ...file, account: clinic.wallet.address }, "HANDOVER_ALTERED"],
      [await clinic.client.signRevokeAccess({ patient: alice.id, viewer: clinic.id }), "NOT_EMPOWERED"],
      [await alice.client.signGrantAccess(plain), "NO_REVOCATION"],
    ] as const) {
      const { status, json } = await handOver(given);
      expect([status, String(json["title"]).split(":")[0]]).to.deep.equal([422, code]);
    }
    expect(await weight()).to.equal(200);
    await alice.client.revokeAccess({ viewer: clinic.id });
    await grant();
    const stale = await handOver(file);
    expect([stale.status, String(stale.json["title"]).split(":")[0]]).to.deep.equal([422, "REVOCATION_STALE"]);
    expect(await weight()).to.equal(200);
  });

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const packOf = (category: string): string => {
    const entry = packs.get(category);
    if (entry === undefined) throw new Error(`there is no ${category}`);
    return entry;
  };
  const packs = new Map<string, string>();
  before(async () => {
    // What alice was given says where her records lie.
    await alice.client.sync({ gatekeepers: [front.url] });
    for (const { digest, category } of await alice.client.listRecords({ patient: alice.id }))
      packs.set(String(category), alice.vault.envelopes.get(Buffer.from(digest.slice(2), "hex"))!.metadata!.cid);
  });
});
