import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { parseEther } from "ethers";

import { splitIntoRecords } from "../../src/fhir/index.js";
import { parseFhirFile } from "../../src/fhir/node/index.js";
import { CATEGORIES, type Category, type Client } from "../../src/sdk/index.js";
import { importFhirFile } from "../../src/sdk/node/index.js";
import { createDevnet, handOn, throughJson, type Actor, type Devnet, propose } from "../../devnet/published.js";
import type { TrueRecord, Truth } from "./links.js";
import { readChain, watched, type Seen, type SeenFile } from "./observer.js";

/** What was played: what everybody could see of it, and what it really was. */
export interface Played {
  seen: Seen;
  truth: Truth;
}

const DAY = 24 * 60 * 60;

/**
 * Plays a year of a few people in the product itself: they register, with ether or without, are attested and accept a
 * provider, which imports their FHIR files; a second provider adds to some charts; some are read by a clinic or an insurer.
 * Meanwhile everything is noted that an outsider sees.
 *
 * @param files FHIR R4 Bundles, one for each person
 */
export async function play(files: readonly string[]): Promise<Played> {
  await using devnet = await createDevnet();
  const times = new Map<string, number>();
  const announced: SeenFile[] = [];
  const enter = async (actor: Actor): Promise<Actor> => {
    const store = watched(actor.store, actor.name, announced);
    const onTransaction = ({ hash }: { hash: string }) => void times.set(hash, performance.now());
    return Object.assign(actor, { store, client: await devnet.clientOf({ ...actor, store }, { onTransaction }) });
  };
  const hospital = await enter(await devnet.institution("General Hospital"));
  const laboratory = await enter(await devnet.institution("Laboratory"));
  const clinic = await enter(await devnet.institution("City Clinic"));
  const insurer = await enter(await devnet.institution("Health Insurer", ["PAYER"]));

  const people: Actor[] = [];
  const relations: [number, number][] = [];
  const records: TrueRecord[] = [];
  for (const [i, file] of files.entries()) {
    const person = await enter(await devnet.actor(`person ${i + 1}`, { ether: false }));
    const withEther = i % 2 === 0;
    await admit(hospital, person, withEther);
    people.push(person);
    relations.push([person.id, hospital.id]);

    const imported = await importFhirFile(hospital.client, { patient: person.id, path: file });
    await handOn(hospital, person, person.id);
    const split = splitIntoRecords(await parseFhirFile(file));
    for (const [at, { category, cid }] of imported.records.entries()) {
      const { bytes, encounter = "none" } = split[at]!;
      records.push({ patient: person.id, category, cid, size: bytes.length, encounter });
    }
    if (i % 3 === 0) {
      await relateVia(laboratory, person, hospital, withEther);
      relations.push([person.id, laboratory.id]);
    }
    const viewer = i % 2 === 0 ? clinic : insurer;
    const held = CATEGORIES.filter((category) => imported.records.some((record) => record.category === category));
    await grant(devnet, hospital, person, viewer, held.slice(0, 2), withEther);
    await handOn(hospital, viewer, person.id, viewer === clinic ? "TREAT" : "HPAYMT");
    relations.push([person.id, viewer.id]);
  }

  const transactions = await readChain(devnet.provider, devnet.deployment, times);
  const deployer = await devnet.authority.signer!.getAddress();
  const poor = people.filter((_, i) => i % 2 === 1).map(({ id }) => id);
  const rich = people.filter((_, i) => i % 2 === 0).map(({ id }) => id);
  return {
    seen: { files: announced, transactions: transactions.filter(({ from }) => from !== deployer) },
    truth: {
      people: people.map(({ id }) => id),
      relations,
      withoutEther: poor,
      funded: rich.map((id) => [id, hospital.id] as const),
      records,
    },
  };
}

/** The smallest files of a folder that are one person's each. */
export async function bundlesOf(folder: string, most: number): Promise<string[]> {
  const paths = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
  const sized = await Promise.all(paths.map(async (name) => ({ name, size: (await stat(join(folder, name))).size })));
  const found: string[] = [];
  for (const { name } of sized.sort((a, b) => a.size - b.size)) {
    if (found.length === most) break;
    if ((await parseFhirFile(join(folder, name)).catch(() => undefined)) !== undefined) found.push(join(folder, name));
  }
  return found;
}

/** A person comes to the hospital, which pays for the account, or sends what the person signs. */
async function admit(hospital: Actor, person: Actor, withEther: boolean): Promise<void> {
  const { client } = person;
  if (withEther) {
    const funding = await hospital.wallet.sendTransaction({ to: person.wallet.address, value: parseEther("1") });
    await funding.wait();
    await client.registerPatient();
  } else await hospital.client.relay({ file: throughJson(await client.signRegisterPatient()) });
  person.id = await client.ownId();
  await relateVia(hospital, person, hospital, withEther);
}

async function relateVia(provider: Actor, person: Actor, relayer: Actor, withEther: boolean): Promise<void> {
  await propose(provider, person.id, [person]);
  const [proposal] = await person.client.listPending();
  await act(
    person.client,
    relayer,
    withEther,
    (client) => client.approveRelationship(proposal!),
    (client) => client.signApproveRelationship(proposal!),
  );
}

async function grant(
  devnet: Devnet,
  hospital: Actor,
  person: Actor,
  viewer: Actor,
  categories: Category[],
  withEther: boolean,
): Promise<void> {
  const purpose = viewer.name === "Health Insurer" ? ("HPAYMT" as const) : ("TREAT" as const);
  const terms = {
    viewer: viewer.id,
    categories,
    purpose,
    steward: hospital.id,
    until: (await devnet.now()) + 30 * DAY,
  };
  await act(
    person.client,
    hospital,
    withEther,
    (client) => client.grantAccess(terms),
    (client) => client.signGrantAccess(terms),
  );
}

async function act(
  client: Client,
  relayer: Actor,
  withEther: boolean,
  direct: (client: Client) => Promise<unknown>,
  signed: (client: Client) => Promise<Parameters<Client["relay"]>[0]["file"]>,
): Promise<void> {
  if (withEther) await direct(client);
  else await relayer.client.relay({ file: throughJson(await signed(client)) });
}
