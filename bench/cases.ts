import type { Case } from "./lib/case.js";

const SEAL_FIGURES: Case["figures"] = [
  { name: "ratio", label: "of the SHA-256 rate", unit: "%", target: { atLeast: 18 } },
  { name: "resident", label: "peak resident memory", unit: "MiB", target: { atMost: 220 }, judgedBy: "worst" },
  { name: "rate", label: "sealed, hashed, written and synced", unit: "MB/s" },
  { name: "sha256", label: "SHA-256 alone", unit: "MB/s" },
  { name: "disk", label: "writing and syncing the same blocks alone", unit: "MB/s" },
];

const OPEN_FIGURES: Case["figures"] = [
  { name: "ratio", label: "of the SHA-256 rate", unit: "%", target: { atLeast: 10 } },
  { name: "resident", label: "peak resident memory", unit: "MiB", target: { atMost: 220 }, judgedBy: "worst" },
  { name: "rate", label: "read, hashed and opened", unit: "MB/s" },
  { name: "sha256", label: "SHA-256 alone", unit: "MB/s" },
  { name: "disk", label: "reading the same blocks alone", unit: "MB/s" },
];

const START_FIGURES: Case["figures"] = [
  { name: "seconds", label: "wall time", unit: "s", target: { atMost: 30 }, judgedBy: "worst" },
  { name: "records", label: "records sealed", unit: "" },
];

const STREAM = { mebibytes: 256, repetitions: 4 };
const SHORT_STREAM = { mebibytes: 32, repetitions: 2 };

/** Everything that is measured. Each case is a program in a process of its own. */
export const CASES: readonly Case[] = [
  {
    name: "seal",
    title: "Sealing and importing a stream of 256 MiB, as the package ships",
    program: "seal-stream",
    runtime: "built",
    processes: 3,
    input: STREAM,
    quickInput: SHORT_STREAM,
    figures: SEAL_FIGURES,
  },
  {
    name: "seal-tsx",
    title: "The same, run from the sources with tsx, as the scripts are",
    program: "seal-stream",
    runtime: "tsx",
    processes: 2,
    input: STREAM,
    quickInput: SHORT_STREAM,
    figures: SEAL_FIGURES,
  },
  {
    name: "open",
    title: "Verified read and open of 256 MiB, as the package ships",
    program: "open-stream",
    runtime: "built",
    processes: 3,
    input: STREAM,
    quickInput: SHORT_STREAM,
    figures: OPEN_FIGURES,
  },
  {
    name: "open-tsx",
    title: "The same, run from the sources with tsx",
    program: "open-stream",
    runtime: "tsx",
    processes: 2,
    input: STREAM,
    quickInput: SHORT_STREAM,
    figures: OPEN_FIGURES,
  },
  {
    name: "grant",
    title: "Granting a viewer a category: keys, signature, file, transaction",
    program: "grant",
    runtime: "tsx",
    processes: 1,
    input: { few: 10, many: 1_000, repetitions: 40 },
    quickInput: { few: 10, many: 100, repetitions: 10 },
    figures: [
      { name: "ratio", label: "time with many records ÷ with few", unit: "×", target: { atLeast: 0.9, atMost: 1.1 } },
      {
        name: "processorRatio",
        label: "processor time, many ÷ few",
        unit: "×",
        target: { atLeast: 0.9, atMost: 1.1 },
      },
      { name: "fileRatio", label: "size of the grant file, many ÷ few", unit: "×", target: { atLeast: 1, atMost: 1 } },
      { name: "few", label: "with 10 records", unit: "ms" },
      { name: "many", label: "with 1,000 records (100 with --quick)", unit: "ms" },
      { name: "openRatio", label: "opening one record, many ÷ few", unit: "×" },
      { name: "addRatio", label: "adding one more record, many ÷ few", unit: "×" },
    ],
  },
  {
    name: "start-ips",
    title: "npm start with one International Patient Summary, after installation",
    program: "start",
    runtime: "tsx",
    processes: 1,
    input: { bundle: "ips", repetitions: 3 },
    quickInput: { bundle: "ips", repetitions: 1 },
    figures: START_FIGURES,
  },
  {
    name: "start-synthea",
    title: "npm start with the largest Synthea bundle at hand, after installation",
    program: "start",
    runtime: "tsx",
    processes: 1,
    input: { bundle: "synthea", repetitions: 2 },
    quickInput: { bundle: "synthea", repetitions: 1 },
    figures: START_FIGURES,
  },
  {
    name: "transactions",
    title: "Actions of the SDK against the plain alternative, one after the other",
    program: "transactions",
    runtime: "tsx",
    processes: 1,
    input: { repetitions: 60 },
    quickInput: { repetitions: 10 },
    figures: [
      { name: "bare", label: "bare transactions: ethers sends an anchor and waits", unit: "/s" },
      { name: "add", label: "addRecord, 4 KiB", unit: "/s" },
      { name: "addRatio", label: "addRecord, of the bare rate", unit: "%" },
      { name: "propose", label: "proposeRelationship", unit: "/s" },
      { name: "proposeRatio", label: "proposeRelationship, of the bare rate", unit: "%" },
      { name: "grant", label: "grantAccess", unit: "/s" },
      { name: "grantRatio", label: "grantAccess, of the bare rate", unit: "%" },
      { name: "open", label: "openRecord, 4 KiB", unit: "ms" },
      { name: "read", label: "reading the same ciphertext from the store", unit: "ms" },
      { name: "openRatio", label: "openRecord ÷ bare read", unit: "×" },
    ],
  },
  {
    name: "identity",
    title: "One person or two: pairs of Patient resources that are hard to tell",
    program: "identity",
    runtime: "tsx",
    processes: 1,
    input: {},
    quickInput: {},
    figures: [
      { name: "pairs", label: "pairs", unit: "" },
      { name: "ofOne", label: "of one person", unit: "" },
      { name: "wrongMerges", label: "two people taken as one", unit: "", target: { atMost: 0 } },
      { name: "falseRefusals", label: "one person not taken as one", unit: "%", target: { atMost: 2 } },
      { name: "heldOutPairs", label: "pairs held out while the rules were written", unit: "" },
      { name: "heldOutWrongMerges", label: "held out: two people taken as one", unit: "", target: { atMost: 0 } },
      {
        name: "heldOutFalseRefusals",
        label: "held out: one person not taken as one",
        unit: "%",
        target: { atMost: 2 },
      },
      { name: "seenFalseRefusals", label: "the others: one person not taken as one", unit: "%" },
    ],
  },
];
