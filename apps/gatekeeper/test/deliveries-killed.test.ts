import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { Category, Client, DeliveryFile, DeliveryInput } from "chartchain";
import { decodeEnvelope, decodeKeyWrap } from "chartchain/crypto";
import { createDevnet, relate, type Actor, type Devnet } from "chartchain/devnet";
import { openFile } from "chartchain/sqlite/node";

import { Outbox } from "../src/deliveries/outbox.js";
import { Releaser } from "../src/deliveries/releaser.js";
import { openJournal } from "../src/journal/journal.js";
import { type Front, frontOfGatekeeper, serve, setUp, type Served } from "./stage.js";

const HOUR = 3_600;
const KILLS = process.env["CHARTCHAIN_DEEP"] === undefined ? 4 : 30;
const SEED = 0x43686172;
const GRANTED: readonly Category[] = ["OBSERVATION", "MEDICATION", "DIAGNOSTIC", "CARE"];

/** Numbers that look random and are the same each time, from 0 to below 1. Source: https://prng.di.unimi.it/splitmix64.c, in 32 bits */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

const bytesOf = (base64: string) => Buffer.from(base64, "base64");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** What the files of an outbox hold for each viewer: keys of compartments and records, as often as they are in it. */
function heldIn(data: string): Map<number, { keys: string[]; records: string[] }> {
  const database = openFile(join(data, "journal.sqlite"));
  const rows = database.prepare("SELECT viewer, file FROM deliveries WHERE number IS NOT NULL").all() as unknown as {
    viewer: number;
    file: string;
  }[];
  database.close();
  const held = new Map<number, { keys: string[]; records: string[] }>();
  for (const { viewer, file } of rows) {
    const { grant, envelopes } = JSON.parse(file) as DeliveryFile;
    const of = held.get(viewer) ?? { keys: [], records: [] };
    of.keys.push(...(grant?.wraps ?? []).map((wrap) => hex(decodeKeyWrap(bytesOf(wrap)).compartmentId)));
    of.records.push(
      ...envelopes.flatMap((each) => each.envelopes.map((one) => hex(decodeEnvelope(bytesOf(one)).digest))),
    );
    held.set(viewer, of);
  }
  return held;
}

const once = (each: readonly string[]) => expect([...each].sort()).to.deep.equal([...new Set(each)].sort());

describe("releasing by itself", () => {
  let world: Devnet;
  let hospital: Actor;
  let folder: string;
  beforeEach(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"));
  });
  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const add = (patient: Actor, category: Category, text: string) =>
    hospital.client.addRecord({ patient: patient.id, category, content: new TextEncoder().encode(text) });

  it(`gives every viewer exactly what it was granted, once, through ${KILLS} kills under a stream of grants and records`, async () => {
    const random = numbers(SEED);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const viewers = [await world.institution("Clinic"), await world.institution("Laboratory")];
    const patients = [await world.patient("alice"), await world.patient("bob")];
    const written = new Map<string, { patient: number; category: Category }>();
    const granted = new Set<string>();
    const write = async (n: number) => {
      const [patient, category] = [pick(patients), pick(GRANTED)];
      const { digest } = await add(patient, category, `record ${n}`);
      written.set(digest.slice(2), { patient: patient.id, category });
    };
    for (const patient of patients) await relate(hospital, patient);
    for (const viewer of viewers) await hospital.client.takeKeyDocument({ file: await viewer.client.ownKeyDocument() });
    for (let n = 0; n < 4; n++) await write(n);
    const front: Front = await frontOfGatekeeper();
    const { config, data } = setUp(world, hospital, folder, {
      publicUrl: front.url,
      deliveries: { store: { folder: world.ipfs }, every: 0.1 },
    });
    hospital.home = join(folder, "home", String(world.deployment.chainId));
    let service: Served | undefined;
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        service = await serve(hospital.passphrase, config);
        const { promise: over, resolve: end } = Promise.withResolvers<void>();
        const timer = setTimeout(end, random() * 2_500);
        const stream = (async () => {
          for (let n = 0; n < 3; n++) {
            const [patient, viewer, category] = [pick(patients), pick(viewers), pick(GRANTED)];
            const until = (await world.now()) + HOUR;
            await patient.client.grantAccess({ viewer: viewer.id, categories: [category], purpose: "TREAT", until });
            granted.add(`${patient.id}/${viewer.id}/${category}`);
          }
        })();
        await over;
        clearTimeout(timer);
        await service.stop("SIGKILL");
        await stream;
        // The vault is free: the hospital's own programs write.
        await world.reopen(hospital);
        await write(100 + kill);
        hospital.vault.close();
      }
      service = await serve(hospital.passphrase, config);
      front.target = service.url;
      for (const viewer of [...viewers, ...patients]) {
        const [came] = await viewer.client.sync({ gatekeepers: [front.url] });
        expect([came!.stopped, came!.refused, came!.waiting]).to.deep.equal([undefined, [], 0]);
      }
      await service.stop();
    } finally {
      await service?.stop("SIGKILL");
      front.close();
    }
    const held = heldIn(data);
    for (const actor of [...viewers, ...patients]) {
      const { keys, records } = held.get(actor.id) ?? { keys: [], records: [] };
      const due = [...written].flatMap(([digest, { patient, category }]) =>
        patient === actor.id || granted.has(`${patient}/${actor.id}/${category}`) ? [digest] : [],
      );
      once(keys);
      expect([...records].sort(), actor.name).to.deep.equal(due.sort());
      const listed = (await Promise.all(patients.map(({ id }) => actor.client.listRecords({ patient: id })))).flat();
      expect(listed.map(({ digest }) => digest.slice(2)).sort(), actor.name).to.deep.equal(due);
    }
  });

  for (const [when, breaking] of [
    ["before the vault notes it", "uncounted"],
    ["after the vault noted it, before it counts", "counted"],
  ] as const) {
    it(`gives it once where the process ends when a delivery was kept, ${when}`, async () => {
      const alice = await world.patient("alice");
      await relate(hospital, alice);
      await add(alice, "OBSERVATION", "weight");
      const { promise: broken, resolve: isBroken } = Promise.withResolvers<void>();
      // From there on nothing happens any more, as after a kill.
      const stands = () => new Promise<never>(() => isBroken());
      const deliver = async (input: DeliveryInput) => {
        const keep = async (file: DeliveryFile) => {
          await input.keep!(file);
          if (breaking === "uncounted") await stands();
        };
        const file = await hospital.client.deliver({ ...input, keep });
        return breaking === "counted" ? stands() : file;
      };
      const journal = openJournal(join(folder, "data"));
      const outbox = new Outbox(journal);
      outbox.note({ patient: alice.id, viewer: alice.id, purpose: "PATRQT", block: 0 });
      const options = {
        ...{ client: hospital.client as Client, vault: hospital.vault, outbox, institution: hospital.id },
        ...{ clock: () => Math.floor(Date.now() / 1000), onReleased: () => undefined },
      };
      void new Releaser({ ...options, client: { ...hospital.client, deliver } }).run();
      await broken;
      expect(outbox.after(alice.id, 0, Infinity).deliveries).to.deep.equal([]);
      await new Releaser(options).run();
      const { deliveries } = outbox.after(alice.id, 0, Infinity);
      journal.close();
      expect(deliveries).to.have.length(1);
      expect(deliveries[0]!.file.envelopes[0]!.envelopes).to.have.length(1);
    });
  }
});
