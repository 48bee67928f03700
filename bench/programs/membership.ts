import { randomBytes } from "node:crypto";

import { createDevnet, relate } from "../../devnet/published.js";
import { CATEGORIES } from "../../src/sdk/index.js";
import { given, report } from "../lib/child.js";
import { questionsOf } from "../lib/questions.js";

const HOUR = 60 * 60;

/** Ordinary categories, one compartment each. */
const KINDS = CATEGORIES.slice(0, 5);

/** What says who may see: the first for many at once, the others for one. */
const MEMBERSHIP = ["Summary.viewersAmong", "Consents.canView", "Consents.grantOf", "Delegates.mayView"];

const { viewers, records } = given<{ viewers: number; records: number }>();
const devnet = await createDevnet();
try {
  const hospital = await devnet.institution("General Hospital");
  const patient = await devnet.patient("patient");
  await relate(hospital, patient);
  const until = (await devnet.now()) + HOUR;
  for (let i = 0; i < viewers; i++) {
    const { id: viewer } = await devnet.patient(`viewer ${i}`);
    const categories = KINDS.filter((_, at) => at === i % KINDS.length || at === 0);
    await patient.client.grantAccess({ viewer, categories, purpose: "TREAT", steward: hospital.id, until });
  }

  const imported = async () => {
    const added = await hospital.client.addRecords({
      patient: patient.id,
      records: Array.from({ length: records }, (_, i) => ({
        category: KINDS[i % KINDS.length]!,
        content: randomBytes(1_024),
        mediaType: "application/octet-stream",
      })),
    });
    const members = new Set(added.flatMap((each) => each.members)).size;
    if (members !== viewers) throw new Error(`${members} of ${viewers} viewers were found`);
  };
  const membershipIn = (names: readonly string[]) => names.filter((name) => MEMBERSHIP.includes(name)).length;
  const asked = await questionsOf(hospital.client, imported);
  const later = await questionsOf(hospital.client, imported);
  const questions = membershipIn(asked);
  const batches = asked.filter((name) => name === "eth_sendRawTransaction").length;
  report({
    samples: {
      asked: [questions / (KINDS.length + batches)],
      questions: [questions],
      others: [asked.length - questions],
      later: [membershipIn(later)],
      laterOthers: [later.length - membershipIn(later)],
      alone: [viewers * KINDS.length * (1 + batches)],
      records: [records],
      compartments: [KINDS.length],
      viewers: [viewers],
    },
  });
} finally {
  await devnet.close();
}
