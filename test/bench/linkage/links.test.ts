import { expect } from "chai";

import { conclude, type TrueRecord, type Truth } from "../../../bench/linkage/links.js";
import type { Seen, SeenEvent, SeenTransaction } from "../../../bench/linkage/observer.js";

const [HOSPITAL, CLINIC, ALICE, BOB] = [1, 2, 3, 4];
const account = (id: number) => `0x${String(id).repeat(40)}`;

const event = (name: string, args: Record<string, unknown>): SeenEvent => ({
  contract: "any",
  name,
  args: Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key, typeof value === "number" ? BigInt(value) : value]),
  ),
});
let clock = 0;
const sent = (by: number, events: SeenEvent[], to: string | null = null, value = 0n): SeenTransaction => ({
  at: ++clock,
  hash: `0x${clock}`,
  from: account(by),
  to,
  value,
  events,
});
const anchored = (patient: number) =>
  sent(HOSPITAL, [event("RecordAnchored", { patient, author: HOSPITAL, index: 1 })]);

/** A hospital that pays for alice, relays for bob, and writes two records of each. */
function scene(): { seen: Seen; truth: Truth } {
  clock = 0;
  const files: Seen["files"] = [];
  const put = (cid: string, size: number) => void files.push({ at: ++clock, peer: "hospital", cid, size });
  const transactions = [
    sent(HOSPITAL, [event("InstitutionRegistered", { id: HOSPITAL, account: account(HOSPITAL), name: "General" })]),
    sent(CLINIC, [event("InstitutionRegistered", { id: CLINIC, account: account(CLINIC), name: "City" })]),
    sent(HOSPITAL, [], account(ALICE), 5n),
    sent(ALICE, [event("PatientRegistered", { id: ALICE, account: account(ALICE) })]),
    sent(HOSPITAL, [event("PatientRegistered", { id: BOB, account: account(BOB) })]),
    sent(ALICE, [event("Approved", { patient: ALICE, provider: HOSPITAL })]),
    sent(HOSPITAL, [event("Approved", { patient: BOB, provider: HOSPITAL })]),
    sent(ALICE, [event("Granted", { patient: ALICE, viewer: CLINIC, until: BOB })]),
  ];
  const records: TrueRecord[] = [];
  for (const patient of [ALICE, BOB]) {
    for (const [category, size] of [
      ["SUMMARY", 1_000],
      ["CARE", 9_000],
    ] as const) {
      const cid = `${patient} ${category}`;
      put(cid, size);
      records.push({ patient, category, cid, size, encounter: category });
      transactions.push(anchored(patient));
    }
  }
  const relations = [
    [ALICE, HOSPITAL],
    [BOB, HOSPITAL],
    [ALICE, CLINIC],
  ] as const;
  const funded = [[ALICE, HOSPITAL]] as const;
  return {
    seen: { files, transactions },
    truth: { people: [ALICE, BOB], relations, withoutEther: [BOB], funded, records },
  };
}

describe("the observer of chain and IPFS", () => {
  it("links people, institutions, payers, files, anchors and categories where nothing hides them", () => {
    const { seen, truth } = scene();
    expect(conclude(seen, truth)).to.deep.equal({
      named: 9 / 12,
      relations: 1,
      relationsTrue: 1,
      withoutEther: 1,
      funded: 1,
      patients: 1,
      anchors: 1,
      counts: 1,
      categories: 1,
      guessed: 0.5,
      categoriesSingly: 0.5,
      categoriesBySize: 1,
      present: 0.5,
      presentGuessed: 0.5,
    });
  });

  it("is wrong where something hides them", () => {
    const { seen, truth } = scene();
    const { files, transactions } = seen;
    const hidden = conclude(
      {
        files: files.map((file) => ({ ...file, at: 0.5, size: 65_536 })),
        transactions: transactions.filter(({ events }) => events[0]?.name !== "Granted"),
      },
      { ...truth, withoutEther: [ALICE], funded: [[BOB, HOSPITAL]] },
    );
    expect(hidden).to.deep.include({ withoutEther: 0, funded: 0, relations: 2 / 3, patients: 0, anchors: 0 });
    expect(hidden.categories).to.equal(hidden.guessed);
  });

  it("tells what an encounter's import has from how much it is, where that differs", () => {
    const { seen, truth } = scene();
    const records = truth.records.map((record) => ({ ...record, size: record.category === "CARE" ? 90_000 : 9 }));
    const told = conclude(seen, { ...truth, records });
    expect(told).to.deep.include({ categoriesSingly: 1, present: 1, presentGuessed: 0.5 });
  });

  it("can't tell the records of one file and one batch apart", () => {
    const { seen, truth } = scene();
    const first = seen.transactions.filter(({ events }) => events[0]?.name !== "RecordAnchored");
    clock = 100;
    const files = [ALICE, BOB].map((patient, i) => ({
      at: 110 + 10 * i,
      peer: "hospital",
      cid: `${patient}`,
      size: 9,
    }));
    const batches = [ALICE, BOB].map((patient, i) => ({
      ...sent(HOSPITAL, [event("BatchAnchored", { patient, author: HOSPITAL, count: 2 })]),
      at: 115 + 10 * i,
    }));
    const records = truth.records.map((record) => ({ ...record, cid: `${record.patient}` }));
    const told = conclude({ files, transactions: [...first, ...batches] }, { ...truth, records });
    expect(told).to.deep.include({ patients: 1, anchors: 0.5, counts: 1 });
    expect(told.categories).to.equal(told.guessed);
  });
});
