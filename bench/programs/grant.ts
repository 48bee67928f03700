import { randomBytes } from "node:crypto";

import { createDevnet, handOn, relate, type Actor, type Devnet } from "../../devnet/published.js";
import { given, report } from "../lib/child.js";
import { median, medians, ratios } from "../lib/statistics.js";
import { processorTime, timed } from "../lib/timing.js";

const RECORD_BYTES = 1_024;

/** So many of the records, the last ones, are added one by one and in turn. */
const ALONE = 5;
const TOGETHER = 10;

/** Grants are compared by the median of so many. */
const IN_A_ROW = 5;
const DAY = 24 * 60 * 60;

/** A devnet with one patient who has so many records of one category, and what was measured in it. */
interface Practice {
  devnet: Devnet;
  hospital: Actor;
  patient: Actor;
  /** The digest of the newest record. */
  digest: string;
  adding: number[];
  granting: number[];
  /** Processor time of granting. */
  processor: number[];
  opening: number[];
  fileBytes: number[];
}

async function practice(records: number): Promise<Practice> {
  const devnet = await createDevnet();
  const hospital = await devnet.institution("General Hospital");
  const patient = await devnet.patient("patient");
  await relate(hospital, patient);
  const made = {
    devnet,
    hospital,
    patient,
    digest: "",
    adding: [],
    granting: [],
    processor: [],
    opening: [],
    fileBytes: [],
  };
  // The first record opens the compartment; the others need not wait for one another.
  await add(made);
  for (let left = records - 1; left > 0; left -= TOGETHER) {
    await Promise.all(Array.from({ length: Math.min(left, TOGETHER) }, () => add(made)));
  }
  return made;
}

async function add(to: Practice): Promise<void> {
  const content = randomBytes(RECORD_BYTES);
  const { client } = to.hospital;
  ({ digest: to.digest } = await client.addRecord({ patient: to.patient.id, category: "OBSERVATION", content }));
}

/** The transaction, the keys and the signature, the file, and the viewer who takes it in. Each viewer is a new one. */
async function grant({ devnet, patient, granting, processor, fileBytes }: Practice, i: number): Promise<void> {
  const viewer = await devnet.patient(`viewer ${i}`);
  const until = (await devnet.now()) + DAY;
  const act = async () => {
    await patient.client.grantAccess({ viewer: viewer.id, categories: ["OBSERVATION"], purpose: "TREAT", until });
    const file = JSON.stringify(
      await patient.client.releaseKeys({ patient: patient.id, viewer: viewer.id, purpose: "TREAT" }),
    );
    fileBytes.push(Buffer.byteLength(file));
    const { added } = await viewer.client.takeKeys({ file: JSON.parse(file) as unknown });
    if (added !== 1) throw new Error(`the grant brought ${added} keys`);
  };
  processor.push(await processorTime(async () => granting.push(await timed(act))));
}

async function open({ patient, digest, opening }: Practice): Promise<void> {
  opening.push(await timed(() => patient.client.openRecord({ digest })));
}

const { few, many, repetitions } = given<{ few: number; many: number; repetitions: number }>();
const small = await practice(few - ALONE);
const large = await practice(many - ALONE);
try {
  for (let i = 0; i < ALONE; i++) {
    for (const each of [small, large]) each.adding.push(await timed(() => add(each)));
  }
  for (const { hospital, patient } of [small, large]) await handOn(hospital, patient, patient.id);
  for (let i = 0; i < repetitions; i++) {
    // Turn and turn about, so that neither is always measured right after the other.
    const [first, second] = i % 2 === 0 ? [small, large] : [large, small];
    await grant(first, i);
    await grant(second, i);
    await open(first);
    await open(second);
  }
  report({
    samples: {
      few: small.granting,
      many: large.granting,
      ratio: ratios(medians(large.granting, IN_A_ROW), medians(small.granting, IN_A_ROW)),
      processorRatio: ratios(medians(large.processor, IN_A_ROW), medians(small.processor, IN_A_ROW)),
      fileRatio: [median(large.fileBytes) / median(small.fileBytes)],
      openRatio: ratios(medians(large.opening, IN_A_ROW), medians(small.opening, IN_A_ROW)),
      addRatio: ratios(large.adding, small.adding),
    },
  });
} finally {
  await small.devnet.close();
  await large.devnet.close();
}
