import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { once } from "node:events";

import { expect } from "chai";
import type { Category } from "chartchain";
import { createDevnet, relate, type Actor, type Devnet } from "chartchain/devnet";
import { cidOfBlock, createGatewayStore } from "chartchain/storage";
import { createEmbeddedStore } from "chartchain/storage/node";

import { type Front, frontOfGatekeeper, serve, setUp, signedIn, type Served } from "./stage.js";

const HOUR = 3_600;
const content = (text: string) => new TextEncoder().encode(text);

/** What the command line printed, on both streams, and its exit code. */
async function chartchain(passphrase: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...args], {
    env: { ...process.env, CHARTCHAIN_PASSPHRASE: passphrase, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, output };
}

describe("deliveries over HTTP", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let alice: Actor;
  let folder: string;
  let front: Front;
  let config: string;
  let service: Served;
  let stores = 0;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(hospital, alice);
    for (const category of ["OBSERVATION", "MEDICATION"] as const)
      await hospital.client.addRecord({ patient: alice.id, category, content: content(category) });
    // Longer than one block.
    const long = new Uint8Array(2_500_000).map((_, i) => (i * 7919) % 251);
    await hospital.client.addRecord({ patient: alice.id, category: "CARE", content: long });
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"));
    front = await frontOfGatekeeper();
    ({ config } = setUp(world, hospital, folder, {
      publicUrl: front.url,
      deliveries: { store: { folder: world.ipfs }, every: 0.2 },
    }));
    service = await serve(hospital.passphrase, config);
    front.target = service.url;
  });
  beforeEach(async () => {
    clinic = await world.institution(`Clinic ${++stores}`);
  });
  after(async () => {
    await service?.stop();
    front?.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const grant = async (...categories: Category[]) => {
    const until = (await world.now()) + HOUR;
    await alice.client.grantAccess({ viewer: clinic.id, categories, purpose: "TREAT", until });
  };
  /** A participant's client whose store is its own: nothing is in it but what came over HTTP. */
  const apart = async (actor: Actor) => {
    const store = await createEmbeddedStore({
      directory: join(folder, `store-${++stores}`),
      participant: actor.wallet.address,
    });
    return world.clientOf(actor, { store });
  };
  const sync = async (client: Actor["client"], gatekeeper = front.url) =>
    (await client.sync({ gatekeepers: [gatekeeper] }))[0]!;
  const brought = ({ deliveries }: Awaited<ReturnType<typeof sync>>) => ({
    keys: deliveries.reduce((sum, { grant }) => sum + (grant?.added ?? 0), 0),
    envelopes: deliveries.reduce((sum, each) => sum + each.envelopes.reduce((of, { added }) => of + added, 0), 0),
  });

  it("bring a patient everything of its own, with the sealed records, and nothing twice", async () => {
    const client = await apart(alice);
    const first = await sync(client);
    expect([first.stopped, first.refused]).to.deep.equal([undefined, []]);
    expect([brought(first), first.packs]).to.deep.equal([{ keys: 3, envelopes: 3 }, 3]);
    const listed = await client.listRecords({ patient: alice.id });
    const imaging = listed.find(({ category }) => category === "CARE")!;
    expect((await client.openRecord({ digest: imaging.digest })).content).to.have.length(2_500_000);
    const second = await sync(client);
    expect([second.deliveries, second.packs, second.refused]).to.deep.equal([[], 0, []]);
  });

  it("bring a viewer what it was granted and no more, without anybody's command", async () => {
    await grant("OBSERVATION");
    const client = await apart(clinic);
    const came = await sync(client);
    expect([came.stopped, came.refused, brought(came), came.packs]).to.deep.equal([
      undefined,
      [],
      { keys: 1, envelopes: 1 },
      1,
    ]);
    const listed = await client.listRecords({ patient: alice.id });
    expect(listed.map(({ category }) => category)).to.deep.equal(["OBSERVATION"]);
    const opened = await client.openRecord({ digest: listed[0]!.digest, purpose: "TREAT" });
    expect(new TextDecoder().decode(opened.content)).to.equal("OBSERVATION");
  });

  it("hold back what was made ready before a revocation, and bring it after a new grant", async () => {
    await grant("MEDICATION");
    // The gatekeeper knows its key, and has made it ready.
    await sync(clinic.client);
    const reader = await world.clientOf(clinic);
    clinic.vault.settings.delete(`synced:${front.url}`);
    await alice.client.revokeAccess({ viewer: clinic.id });
    expect((await sync(reader)).deliveries).to.deep.equal([]);
    await grant("MEDICATION");
    expect((await sync(reader)).deliveries).to.have.length(1);
  });

  it("give no block to whom nothing lets read it, and any to whom something does, hashed", async () => {
    const [imaging] = (await alice.client.listRecords({ patient: alice.id })).filter(
      ({ category }) => category === "CARE",
    );
    const cid = alice.vault.envelopes.get(Buffer.from(imaging!.digest.slice(2), "hex"))!.metadata!.cid;
    const asClinic = await signedIn(front.url, clinic);
    const there = await asClinic(`/ipfs/${cid}?format=raw`);
    const missing = await asClinic(`/ipfs/${cidOfBlock(content("no such block"))}?format=raw`);
    expect([there.status, missing.status]).to.deep.equal([404, 404]);
    expect({ ...there.json, instance: "" }).to.deep.equal({ ...missing.json, instance: "" });
    await grant("CARE");
    const { token } = await clinic.client.signInAt({ gatekeeper: front.url, purpose: "TREAT" });
    const store = createGatewayStore({ url: front.url, token: () => token });
    let size = 0;
    for await (const chunk of store.get(cid)) size += chunk.length;
    expect(size).to.be.greaterThan(2_500_000);
    await alice.client.revokeAccess({ viewer: clinic.id });
    expect((await asClinic(`/ipfs/${cid}?format=raw`)).status).to.equal(404);
    expect((await asClinic(`/ipfs/${cid}`)).status).to.equal(406);
    expect((await fetch(`${front.url}/ipfs/${cid}?format=raw`)).status).to.equal(401);
  });

  it("stop nobody else where one gatekeeper is down, and another one lies", async () => {
    await grant("OBSERVATION");
    const liar = createServer((_, response) => {
      const message = "evil.example wants you to sign in with your Ethereum account:\nanything";
      response.setHeader("content-type", "application/json").end(JSON.stringify({ message, secret: "s" }));
    });
    liar.listen(0, "127.0.0.1");
    await once(liar, "listening");
    const lies = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    try {
      const came = await clinic.client.sync({ gatekeepers: ["http://127.0.0.1:9", lies, front.url] });
      expect(came.map(({ stopped }) => stopped?.code)).to.deep.equal([
        "GATEKEEPER_UNREACHABLE",
        "GATEKEEPER_MALFORMED",
        undefined,
      ]);
      expect(brought(came[2]!)).to.deep.equal({ keys: 1, envelopes: 1 });
    } finally {
      liar.close();
      liar.closeAllConnections();
    }
  });

  it("come by the command line, from one gatekeeper while another one is down", async () => {
    const reader = await world.institution("Practice");
    const until = (await world.now()) + HOUR;
    await alice.client.grantAccess({ viewer: reader.id, categories: ["OBSERVATION"], purpose: "TREAT", until });
    const own = join(folder, "practice");
    const { config: unused } = setUp(world, reader, own);
    const args = [
      "--home",
      join(own, "home"),
      "--rpc",
      world.url,
      "--deployment",
      join(dirname(unused), "deployment.json"),
    ];
    const run = (...line: string[]) => chartchain(reader.passphrase, ...line, ...args, "--finality", "0");
    const store = ["--store", join(own, "store")];
    const synced = await run("record", "sync", front.url, "--gatekeeper", "http://127.0.0.1:9", ...store);
    expect(synced.code, synced.output).to.equal(0);
    expect(synced.output).to.include("1 new key, 1 new record").and.to.include("can't be asked now");
    const again = await run("record", "sync", front.url, ...store);
    expect(again.output).to.include("Nothing new");
    const down = await run("record", "sync", "http://127.0.0.1:9", ...store);
    expect(down.code).to.equal(1);
    expect(down.output).to.include("GATEKEEPER_UNREACHABLE");
  });

  it("sign nothing for a gatekeeper that is called otherwise, and nothing in the clear over the network", async () => {
    const { stopped } = await sync(clinic.client, service.url);
    expect(stopped?.code).to.equal("GATEKEEPER_MALFORMED");
    const refused = clinic.client.sync({ gatekeepers: ["http://gatekeeper.example"] });
    const error = await refused.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.include({ code: "GATEKEEPER_URL_INVALID" });
  });
});
