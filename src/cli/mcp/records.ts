import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { CATEGORIES, type Category, type ListedRecord } from "../../sdk/index.js";
import { iso, toldOf } from "./access.js";
import { bareType, give, headingOf, isWithin, type Given } from "./content.js";
import { NOTICE, titled } from "./untrusted.js";
import { openAs, type Opened, type Viewer } from "./viewer.js";

/** Which records of a patient are listed. */
export interface Wanted {
  patient: number;
  category?: Category | undefined;
  /** Days, both included: what the record is about. */
  from?: string | undefined;
  to?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/**
 * A page of a patient's records, each with what it is and when it was. That stands in the record: each is opened for it, counts,
 * and is left out of a filtered list where it can't be read.
 */
export async function listRecords(viewer: Viewer, { patient, category, from, to, limit, cursor }: Wanted) {
  if (patient === viewer.id) throw ownRecords();
  const page = await viewer.client.listRecords({
    patient,
    ...(category === undefined ? {} : { category }),
    limit,
    after: cursor,
  });
  const isFiltered = category !== undefined || from !== undefined || to !== undefined;
  const records: object[] = [];
  const answer = (nextCursor: string | undefined, stopped?: object) => ({
    notice: NOTICE,
    records,
    ...(nextCursor === undefined ? {} : { nextCursor }),
    ...(stopped === undefined ? {} : { stopped }),
  });
  let last = cursor;
  for (const record of page) {
    try {
      const opened = await openAs(viewer, record.digest);
      const heading = headingOf(opened.manifest.mediaType, opened.content);
      const isWanted = (from === undefined && to === undefined) || isWithin(heading, from, to);
      if (isWanted) records.push({ ...factsOf(record.digest, opened), ...sensitive(record), ...heading });
    } catch (error) {
      if (!isChartChainError(error)) throw error;
      if (error.code === "AGENT_LIMIT_REACHED") {
        if (last === cursor) throw error;
        return answer(last, toldOf(error));
      }
      if (!isFiltered && error.code !== "AGENT_OWN_RECORD") records.push(unreadable(record, error));
    }
    if (!fits(viewer, answer(record.digest)) && records.length > 1) {
      records.pop();
      return answer(last);
    }
    last = record.digest;
  }
  return answer(page.length === limit ? last : undefined);
}

const unreadable = ({ digest }: ListedRecord, error: ChartChainError) => {
  const { code, reason } = toldOf(error) as { code: string; reason?: string };
  return { record: digest, readable: false, code, ...(reason === undefined ? {} : { reason }) };
};

const sensitive = ({ sensitivities }: ListedRecord) => (sensitivities.length === 0 ? {} : { sensitivities });

/** One record, as much of it as an answer may have. */
export async function readRecord(viewer: Viewer, { record, entry }: { record: string; entry?: number | undefined }) {
  const opened = await openAs(viewer, record);
  const { manifest, content } = opened;
  const facts = { notice: NOTICE, ...factsOf(record, opened), keptByName: await nameOf(viewer, manifest.steward) };
  const given: Given =
    content === undefined
      ? { leftOut: "it is larger than is read here" }
      : give(manifest.mediaType, content, entry, (part) => fits(viewer, { ...facts, ...part }));
  return { ...facts, ...given };
}

const factsOf = (digest: string, { manifest }: Opened) => ({
  record: digest,
  readable: true,
  patient: manifest.patient,
  category: CATEGORIES[manifest.category]!,
  keptBy: manifest.steward,
  author: manifest.author,
  mediaType: bareType(manifest.mediaType),
  bytes: manifest.size,
  added: iso(manifest.createdAt),
});

/** An institution's name; undefined where it can't be verified now, which is no reason not to read. */
async function nameOf({ client }: Viewer, id: number): Promise<string | undefined> {
  try {
    return titled((await client.describeParticipant({ id })).name) || undefined;
  } catch (error) {
    if (isChartChainError(error)) return undefined;
    throw error;
  }
}

const fits = ({ maxBytes }: Viewer, answer: object): boolean =>
  Buffer.byteLength(JSON.stringify(answer), "utf8") <= maxBytes;

const ownRecords = (): ChartChainError =>
  new ChartChainError("AGENT_OWN_RECORD", "these are records about this participant itself", {
    hint: "Register the agent as a participant of its own and grant it what it may read: a grant ends and can be revoked.",
  });
