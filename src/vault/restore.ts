import { Batch, decodeBatchProof } from "../crypto/index.js";
import type { AnyAccessTable } from "./access.js";
import type { BackupContent } from "./backup.js";
import { takeFormerSetting } from "./migrate.js";
import type { Tables } from "./tables.js";

/**
 * Puts what a backup holds into an empty vault. Call it inside the transaction that creates the vault.
 *
 * @param file what messages call the vault
 */
export function restoreContent(vault: Tables, content: BackupContent, file: string): void {
  const { identity, compartments, envelopes, additions, pins, tombstones, releases, denials, inbox, settings } = vault;
  const { people, worklist, decisions, retractions } = vault;
  for (const { version, seed } of content.seeds) identity.addKeyVersion(version, seed);
  identity.useKeyVersion(content.keyVersion);
  if (content.participant !== undefined) identity.setParticipant(content.participant);
  for (const tombstone of content.tombstones) tombstones.add(tombstone);
  for (const { exposed, ...compartment } of content.compartments) {
    compartments.put(compartment, compartment);
    compartments.addExposed(compartment.id, exposed);
  }
  for (const envelope of content.envelopes) envelopes.put(envelope);
  for (const { patient, list } of content.batches) vault.batches.keep(patient, Batch.decode(list));
  for (const { record, proof } of content.batchProofs) vault.batches.keepProof(record, decodeBatchProof(proof));
  for (const each of content.authorSignatures) vault.authorSignatures.keep(each, each);
  for (const { state, ...addition } of content.additions) {
    // The journal stays behind: a transaction of what was unfinished may be under way.
    additions.adopt({ ...addition, state: state === "sealed" ? "sending" : state });
  }
  for (const pin of content.pins) pins.put(pin);
  for (const cid of content.unpins) pins.release(cid);
  for (const { cid, at } of content.repacks) pins.notePackDue(cid, at);
  for (const release of content.releases) releases.adopt(release);
  denials.load(content.denials);
  for (const fileDigest of content.inbox) inbox.markSeen(fileDigest);
  for (const [name, rows] of Object.entries(content.access ?? {})) {
    const table = vault.access[name as keyof typeof vault.access] as unknown as AnyAccessTable;
    for (const { key, value } of rows) table.set(key, value);
  }
  for (const { name, value } of content.settings) {
    const isFormer = content.version === 1 && takeFormerSetting(file, vault.access, name, value);
    if (!isFormer) settings.set(name, value);
  }
  for (const { participant, forms } of content.people) for (const form of forms) people.add(participant, form);
  for (const { record, participant, form } of content.lessons) {
    people.add(participant, people.get(participant)[form]!, record);
  }
  for (const item of content.worklist) worklist.restore(item);
  for (const decision of content.decisions) decisions.append(decision);
  for (const retraction of content.retractions) retractions.note(retraction);
  for (const statement of content.statements) retractions.putStatement(statement);
}
