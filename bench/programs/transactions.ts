import { randomBytes } from "node:crypto";
import { hexlify } from "ethers";

import { createDevnet, handOn, relate } from "../../devnet/published.js";
import { given, report } from "../lib/child.js";
import { questionsOf } from "../lib/questions.js";
import { ratios } from "../lib/statistics.js";
import { processorTime, timed } from "../lib/timing.js";

const RECORD_BYTES = 4_096;
const HOUR = 60 * 60;

const { repetitions } = given<{ repetitions: number }>();
const devnet = await createDevnet();
try {
  const hospital = await devnet.institution("General Hospital");
  const patient = await devnet.patient("patient");
  const other = await devnet.patient("a patient without envelopes");
  for (const each of [patient, other]) await relate(hospital, each);
  const viewer = await devnet.patient("viewer");
  const bare: number[] = [];
  const bareProcessor: number[] = [];
  const add: number[] = [];
  const addProcessor: number[] = [];
  // Time and processor time of the same run.
  const measured = async (time: number[], processor: number[], run: () => Promise<void>) =>
    processor.push(await processorTime(async () => time.push(await timed(run))));
  const propose: number[] = [];
  const grant: number[] = [];
  const records: { digest: string; cid: string }[] = [];
  const anchor = hospital.client.contracts.Records.getFunction("anchor");
  const until = (await devnet.now()) + HOUR;

  for (let i = 0; i < repetitions; i++) {
    const stranger = await devnet.patient(`person ${i}`);
    const content = randomBytes(RECORD_BYTES);
    await measured(bare, bareProcessor, async () => {
      const sent = await anchor.send(other.id, hexlify(randomBytes(32)));
      await sent.wait();
    });
    await measured(add, addProcessor, async () => {
      records.push(await hospital.client.addRecord({ patient: patient.id, category: "OBSERVATION", content }));
    });
    propose.push(await timed(() => hospital.client.proposeRelationship({ patient: stranger.id })));
    const scope = { categories: ["OBSERVATION"] as const, purpose: "TREAT" as const, steward: hospital.id };
    grant.push(await timed(() => patient.client.grantAccess({ viewer: viewer.id, ...scope, until: until + 60 * i })));
  }

  const again = { patient: patient.id, category: "OBSERVATION", content: randomBytes(RECORD_BYTES) } as const;
  const addQuestions = await questionsOf(hospital.client, () => hospital.client.addRecord(again));
  await handOn(hospital, patient, patient.id);
  const open: number[] = [];
  const read: number[] = [];
  for (const { digest, cid } of records) {
    open.push(await timed(() => patient.client.openRecord({ digest })));
    read.push(
      await timed(async () => {
        for await (const chunk of patient.store.get(cid)) void chunk;
      }),
    );
  }

  const { digest } = records[0]!;
  const openQuestions = await questionsOf(patient.client, () => patient.client.openRecord({ digest }));

  const perSecond = (milliseconds: number[]) => milliseconds.map((each) => 1_000 / each);
  const ofBare = (milliseconds: number[]) => ratios(bare, milliseconds).map((part) => 100 * part);
  report({
    samples: {
      bare: perSecond(bare),
      add: perSecond(add),
      addRatio: ofBare(add),
      addProcessorRatio: ratios(bareProcessor, addProcessor).map((part) => 100 * part),
      addQuestions: [addQuestions.length],
      propose: perSecond(propose),
      proposeRatio: ofBare(propose),
      grant: perSecond(grant),
      grantRatio: ofBare(grant),
      open,
      read,
      openRatio: ratios(open, read),
      openQuestions: [openQuestions.length],
    },
  });
} finally {
  await devnet.close();
}
