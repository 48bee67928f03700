import { getBytes, hexlify } from "ethers";
import { expect } from "chai";

import { anchoredRecords } from "../../src/sdk/records/history.js";
import type { Vault } from "../../src/vault/index.js";
import type { Actor } from "../../devnet/index.js";

const recordsIn = ({ batches }: Vault, digest: string): string[] =>
  batches
    .get(getBytes(digest))!
    .records.filter((record) => batches.proofsOf(record).length > 0)
    .map((record) => hexlify(record));

/** The pins of an actor's store. */
export async function pinsOf({ store }: Actor): Promise<string[]> {
  const pins: string[] = [];
  for await (const cid of store.pins()) pins.push(cid);
  return pins.sort();
}

/**
 * Expects that nothing was left behind: each record of the author on the chain is held, pinned and listed, or was shredded;
 * nothing is held, pinned or listed besides; nothing is left to do.
 *
 * @param before the pins that have nothing to do with records: key documents, terms
 */
export async function expectNothingLeft(author: Actor, patients: readonly number[], before: string[]): Promise<void> {
  const { vault, client } = author;
  expect(vault.additions.unfinished(), "unfinished").to.deep.equal([]);
  expect(vault.pins.toRelease(), "to be unpinned").to.deep.equal([]);
  expect(vault.transactions.pending(), "transactions under way").to.deep.equal([]);
  const own = vault.envelopes.list({ steward: author.id });
  expect(
    own.filter(({ status }) => status === "pending"),
    "never anchored",
  ).to.deep.equal([]);
  const anchored: string[] = [];
  for (const patient of patients) {
    const records = await anchoredRecords(client, patient);
    for (const { digest, size } of records.filter((record) => record.author === author.id)) {
      if (size === null) anchored.push(digest);
      // Of what else is in a batch of its own nobody has a proof: dummies.
      else anchored.push(...recordsIn(vault, digest));
    }
  }
  expect(new Set(anchored).size, "anchored twice").to.equal(anchored.length);
  const shredded = new Set(vault.tombstones.list().map(({ id }) => hexlify(id)));
  const alive = anchored.filter((digest) => !shredded.has(digest)).sort();
  expect(own.map(({ digest }) => hexlify(digest)).sort(), "held").to.deep.equal(alive);
  expect(
    vault.pins
      .list()
      .map(({ digest }) => hexlify(digest))
      .sort(),
    "noted as pinned",
  ).to.deep.equal(alive);
  const pinned = [...before, ...new Set(vault.pins.list().map(({ cid }) => cid))].sort();
  expect(await pinsOf(author), "pinned").to.deep.equal(pinned);
  expect(
    vault.additions
      .list()
      .map(({ digest }) => hexlify(digest))
      .sort(),
    "known by content",
  ).to.deep.equal(alive);
}
