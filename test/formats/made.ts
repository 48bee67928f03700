import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { getBytes, hexlify } from "ethers";

import { childRequestFile } from "../../src/cli/files/child-files.js";
import { identityClaimFile } from "../../src/cli/files/identity-claim.js";
import {
  createConstraint,
  decodeEnvelope,
  decodeKeyWrap,
  encodeCompartmentKey,
  encodeConstraint,
  encodeKeyDocument,
  encodeManifest,
  encodeStudyTerms,
  lockSecret,
  openEnvelope,
  unwrapCompartmentKey,
} from "../../src/crypto/index.js";
import { EVERY_STEWARD, type EnvelopesFile } from "../../src/sdk/index.js";
import { depositTree } from "../../src/sdk/modules/data-bank/index.js";
import { fromBase64, header, type HandoverHeader } from "../../src/sdk/handover/file.js";
import { shownTerms } from "../../src/sdk/modules/studies/terms-file.js";
import { createDevnet, relate } from "../../devnet/index.js";
import { bytes, HOUR, inFuture } from "../sdk/helpers.js";
import { meaningOfContent, meaningOfVault, PASSPHRASE, plain, type Keys } from "./meaning.js";

/** A fixture of each format, by its file's name, made in a world of its own. */
export async function makeFixtures(): Promise<Map<string, Uint8Array>> {
  const made = new Map<string, Uint8Array>();
  const keepJson = (name: string, value: unknown) =>
    made.set(name, new TextEncoder().encode(`${JSON.stringify(plain(value), null, 1)}\n`));
  const keepFile = (file: HandoverHeader | { kind: string }) =>
    keepJson(`${file.kind.replace("chartchain/", "")}.json`, file);

  await using world = await createDevnet();
  const clinic = await world.institution("General Hospital");
  const ambulance = await world.institution("Ambulance", ["PROVIDER", "EMERGENCY"]);
  const insurer = await world.institution("Mutual Insurance", ["PAYER"]);
  const [alice, bob, carol] = [await world.patient("a"), await world.patient("b"), await world.patient("c")];
  const phone = await world.actor("phone");
  keepJson("deployment.json", world.deployment);

  keepFile(await alice.client.ownKeyDocument());
  await relate(clinic, alice);
  keepFile(await clinic.client.offerRelationship({ patient: bob.id }));
  keepFile((await clinic.client.proposeRelationship({ patient: carol.id })).terms);

  const to = { patient: alice.id, viewer: alice.id };
  const records = ["one", "two"].map((each) => ({ category: "CARE" as const, content: bytes(`record ${each}`) }));
  const [first] = await clinic.client.addRecords({ patient: alice.id, records });
  const wrong = await clinic.client.addRecord({ patient: alice.id, category: "SUMMARY", content: bytes("wrong") });
  const delivery = await clinic.client.deliver(to);
  keepFile(delivery);
  keepFile(delivery.grant!);
  keepFile(delivery.envelopes[0]!);
  await alice.client.takeDelivery({ file: JSON.parse(JSON.stringify(delivery)) });
  await clinic.client.retractRecord({ digest: wrong.digest, reason: "entered in error" });
  const news = await clinic.client.deliver(to);
  keepFile(news.retractions![0]!);
  await alice.client.takeDelivery({ file: JSON.parse(JSON.stringify(news)) });

  const until = await inFuture(world, HOUR);
  const grant = { viewer: insurer.id, categories: ["CARE"], purpose: "HPAYMT", steward: clinic.id, until } as const;
  keepFile(await alice.client.signGrantAccess(grant));
  await alice.client.grantAccess({ ...grant, constraint: { records: [first!.digest] } });
  keepFile(
    await alice.client.releaseConstraint({ viewer: insurer.id, purpose: "HPAYMT", steward: clinic.id, to: clinic.id }),
  );
  keepFile(await phone.client.signJoining({ participant: alice.id }));
  keepFile((await alice.client.setGuardians({ members: [bob.id, carol.id], threshold: 1 })).file);
  keepFile((await ambulance.client.breakGlass({ patient: alice.id, reason: "unconscious" })).reasonFile);
  keepFile(await alice.client.signEmergencyWish({ showSensitive: "medicines", sayThatMoreExists: true }));
  made.set("emergency-card.txt", new TextEncoder().encode(await alice.client.emergencyCard()));
  const challenge = await clinic.client.challengeKey({ participant: alice.id });
  keepFile(challenge);
  keepFile(await alice.client.answerKeyChallenge({ file: JSON.parse(JSON.stringify(challenge)) }));

  const identifier = "http://hospital.example/mrn|9";
  const salt = `0x${"5a".repeat(32)}`;
  const keyDocument = await alice.client.prepareChild();
  const comesOfAgeIn = new Date(((await world.provider.getBlock("latest"))!.timestamp + 1) * 1000).getUTCFullYear();
  const attestation = await clinic.client.attestChild({
    ...{ representative: alice.id, keyDocument, identifier, salt, comesOfAgeIn },
    code: await alice.client.ownChildCode(),
  });
  keepFile(attestation);
  const { participant: child } = await alice.client.registerChild({
    attestation: JSON.parse(JSON.stringify(attestation)),
  });
  const grown = await world.actor("grown");
  keepFile(await grown.client.signComingOfAge({ child }));
  keepFile(identityClaimFile({ issuer: clinic.id, identifier, salt }));
  keepFile(childRequestFile({ representative: alice.id, keyDocument }));

  const season = 3;
  const { root, proofs } = depositTree(clinic.id, season, [alice.id, bob.id]);
  const deposit = { patient: alice.id, steward: clinic.id, season, root, proof: proofs.get(alice.id)! };
  keepFile({ ...header(clinic.client, "chartchain/deposit-proof"), ...deposit });
  const terms = {
    ...{ version: 1 as const, salt: new Uint8Array(32).fill(7), researcher: insurer.id, title: "A study" },
    ...{ description: "Of sleep.", contact: "University", dataUse: ["DUO:0000042"], diseases: [], categories: 16 },
  };
  made.set("study's terms.cbor", encodeStudyTerms(terms));
  keepFile({ ...header(clinic.client, "chartchain/study-terms"), ...{ study: 1, terms: shownTerms(terms) } });
  keepFile({
    ...header(clinic.client, "chartchain/study-delivery"),
    ...{ study: 1, patient: alice.id, salt, delivery },
  });

  // What is sealed, with the keys that open it.
  const seed = alice.vault.identity.seed(1);
  const keyPair = await alice.vault.identity.keyPair(1);
  const wraps = delivery.grant!.wraps.map((wrap) => fromBase64(wrap));
  const compartmentKeys = await Promise.all(
    wraps.map((wrap) => unwrapCompartmentKey(decodeKeyWrap(wrap), keyPair, { participant: alice.id })),
  );
  const [file] = delivery.envelopes as [EnvelopesFile];
  const encoded = file.envelopes.map((each) => fromBase64(each));
  const envelope = encoded.find((each) => hexlify(decodeEnvelope(each).digest) === first!.digest)!;
  const opens = decodeEnvelope(envelope).compartmentId;
  const compartmentKey = compartmentKeys.find(({ id }) => hexlify(id) === hexlify(opens))!;
  const content = openEnvelope(decodeEnvelope(envelope), compartmentKey);
  made.set("key document.cbor", encodeKeyDocument({ publicKey: keyPair.publicKey }));
  made.set("manifest.cbor", encodeManifest(content.manifest));
  made.set("envelope.cbor", envelope);
  made.set("compartment key.cbor", encodeCompartmentKey(compartmentKey));
  made.set("key wrap.cbor", wraps[0]!);
  made.set("batch.cbor", fromBase64(file.batches![0]!));
  made.set("batch proof.cbor", fromBase64(file.proofs![0]!.proof));
  const word = { patient: alice.id, viewer: insurer.id, purpose: 2, steward: EVERY_STEWARD };
  made.set("constraint.cbor", encodeConstraint(createConstraint({ ...word, classes: ["HIV"], from: 1, to: 2 })));
  made.set("release.cbor", clinic.vault.releases.leaf(0));
  made.set("locked secret.bin", await lockSecret(seed, PASSPHRASE, { cost: 10 }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of clinic.store.get(content.place.cid)) chunks.push(chunk);
  made.set("pack.bin", new Uint8Array(Buffer.concat(chunks)));

  made.set("backup.bin", await alice.vault.backup(PASSPHRASE));
  await alice.vault.changePassphrase(alice.passphrase, PASSPHRASE);
  const meaning = {
    content: await meaningOfContent(content, made.get("pack.bin")!),
    vault: meaningOfVault(alice.vault, alice.id),
  };
  alice.vault.close();
  made.set("vault.sqlite.gz", gzipSync(readFileSync(join(alice.home, "vault.sqlite")), { level: 9 }));
  const keys: Keys = { patient: alice.id, seed: hexlify(seed), participant: alice.id, wallet: alice.wallet.privateKey };
  keepJson("keys.json", keys);
  keepJson("meaning.json", meaning);
  for (const [name, each] of made) made.set(name, getBytes(each));
  return made;
}
