import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

import { decode, encode } from "@ipld/dag-cbor";
import { expect } from "chai";
import { getBytes, hexlify, Wallet } from "ethers";

import {
  Batch,
  decodeBatchProof,
  decodeCompartmentKey,
  decodeConstraint,
  decodeEnvelope,
  decodeKeyDocument,
  decodeKeyWrap,
  decodeManifest,
  deriveKeyPair,
  encodeStudyTerms,
  manifestDigest,
  openEnvelope,
  unlockSecret,
  unwrapCompartmentKey,
  verifyInBatch,
} from "../../src/crypto/index.js";
import { ChartChainError, isChartChainError } from "../../src/errors/index.js";
import { parseDeployment } from "../../src/sdk/index.js";
import { readEmergencyCard } from "../../src/sdk/consent/emergency.js";
import { allModules, type FullContext } from "../../src/sdk/modules/index.js";
import type { StudyTermsFile } from "../../src/sdk/modules/studies/index.js";
import { decodeRelease, type Vault } from "../../src/vault/index.js";
import { openVault, restoreVault } from "../../src/vault/node/index.js";
import { SCHEMA_VERSION } from "../../src/vault/schema.js";
import { expectCode } from "../sdk/helpers.js";
import { meaningOfContent, meaningOfVault, PASSPHRASE, plain, type Keys } from "./meaning.js";
import { TAKERS } from "./takers.js";

const folder = fileURLToPath(new URL("../fixtures/formats/1", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const bytesOf = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const jsonOf = <T>(name: string) => JSON.parse(readFileSync(join(folder, name), "utf8")) as T;
const fileOf = (format: string, ending: string) => `${format.replaceAll(" ", "-").replaceAll("'", "")}.${ending}`;

/** What has a format's number and is neither a map of crypto nor a handover file, as errors name it. */
const OTHERS: Record<string, string> = {
  "locked secret": "locked-secret.bin",
  backup: "backup.bin",
  release: "release.cbor",
  "identity claim": "identity-claim.json",
  request: "child-request.json",
  "deployment file": "deployment.json",
  "emergency card": "emergency-card.txt",
};
/** Within an envelope. */
const INNER = ["envelope's content"];
/** What has no number of its own: an envelope says where in a pack a record lies, the schema's number is the vault's. */
const WITHOUT = ["pack.bin", "vault.sqlite.gz", "keys.json", "meaning.json"];

const sources = globSync("{src,tour}/**/*.ts", { cwd: root }).map((file) => readFileSync(join(root, file), "utf8"));
const named = (pattern: RegExp) =>
  [...new Set(sources.flatMap((source) => [...source.matchAll(pattern)].map(([, name]) => name!)))].sort();
const kinds = named(/"chartchain\/([a-z-]+)"/g);
const maps = named(/canonicalCodec<[^(]*\(\s*"\w+",\s*"([^"]+)"/g).filter((name) => !INNER.includes(name));
const others = named(/refuseNewer\("([^"]+)"/g);

describe("a fixture of each format", () => {
  let scratch: string;
  let vault: Vault;
  let ctx: FullContext;
  const keys = jsonOf<Keys>("keys.json");
  const meaning = jsonOf<{ content: unknown; vault: { settings: string[] } }>("meaning.json");
  // Digests and accounts name their rows in lower case since they have tables of their own.
  meaning.vault.settings = meaning.vault.settings.map((name) => name.toLowerCase()).sort();
  const deployment = parseDeployment(jsonOf("deployment.json"));
  const chain = { ...deployment, chainId: BigInt(deployment.chainId) };
  const unzipped = (name: string) => {
    const directory = mkdtempSync(join(scratch, "vault-"));
    writeFileSync(join(directory, "vault.sqlite"), gunzipSync(bytesOf(name)));
    return directory;
  };
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), "chartchain-formats-"));
    vault = await openVault({ directory: unzipped("vault.sqlite.gz"), chain, passphrase: PASSPHRASE });
    const silent: unknown = new Proxy(() => undefined, {
      get: (_, name) => (name === "then" ? undefined : silent),
      apply: () => {
        throw new ChartChainError("CHAIN_UNREACHABLE", "there is no chain", { hint: "This is a test." });
      },
    });
    ctx = {
      ...{ provider: silent, contracts: silent, signer: new Wallet(keys.wallet), deployment, vault, store: undefined },
      ...{
        modules: allModules,
        nodes: [{ host: "none" }],
        agreement: 1,
        finality: "tag",
        clock: () => 0,
        onTransaction: undefined,
      },
      ...{ maxFeePerGas: undefined, maxPriorityFeePerGas: undefined },
    } as unknown as FullContext;
  });
  after(() => {
    vault.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it("is there, and of nothing else", () => {
    expect(Object.keys(TAKERS).sort(), "kinds of files in the sources").to.deep.equal(kinds);
    expect(Object.keys(OTHERS).sort(), "other formats in the sources").to.deep.equal(others);
    const wanted = [...kinds.map((kind) => `${kind}.json`), ...maps.map((name) => fileOf(name, "cbor"))];
    const all = [...new Set([...wanted, ...Object.values(OTHERS), ...WITHOUT])];
    expect(readdirSync(folder).sort()).to.deep.equal(all.sort());
  });

  describe("of what is sealed", () => {
    it("opens, and says what it said", async () => {
      const compartmentKey = decodeCompartmentKey(bytesOf("compartment-key.cbor"));
      const content = openEnvelope(decodeEnvelope(bytesOf("envelope.cbor")), compartmentKey);
      expect(await meaningOfContent(content, bytesOf("pack.bin"))).to.deep.equal(meaning.content);
      const manifest = decodeManifest(bytesOf("manifest.cbor"));
      expect(plain(manifest)).to.deep.equal((meaning.content as { manifest: unknown }).manifest);
      const batch = Batch.decode(bytesOf("batch.cbor"));
      expect(batch.records).to.have.length(8);
      expect(batch.proofOf(manifestDigest(manifest))).not.to.equal(undefined);
      const proof = decodeBatchProof(bytesOf("batch-proof.cbor"));
      const record = batch.records[proof.index]!;
      expect(verifyInBatch({ digest: batch.digest(), record, proof })).to.equal(true);
    });

    it("is opened with the key that it was sealed to", async () => {
      const keyPair = await deriveKeyPair(getBytes(keys.seed));
      expect(decodeKeyDocument(bytesOf("key-document.cbor")).publicKey).to.deep.equal(keyPair.publicKey);
      const { participant } = keys;
      const opened = await unwrapCompartmentKey(decodeKeyWrap(bytesOf("key-wrap.cbor")), keyPair, { participant });
      expect(plain(vault.compartments.list({ patient: keys.patient }).map(({ key }) => key))).to.include(
        hexlify(opened.key),
      );
      expect(hexlify(await unlockSecret(bytesOf("locked-secret.bin"), PASSPHRASE))).to.equal(keys.seed);
    });

    it("says what it said where nothing is sealed", () => {
      const { patient } = keys;
      expect(decodeRelease(bytesOf("release.cbor"))).to.deep.include({ patient, recipient: patient });
      expect(decodeConstraint(bytesOf("constraint.cbor"))).to.deep.include({
        patient,
        classes: ["HIV"],
        from: 1,
        to: 2,
      });
      const { terms } = jsonOf<StudyTermsFile>("study-terms.json");
      const { salt, categories, ...shown } = terms;
      expect(categories).to.deep.equal(["CARE"]);
      const encoded = encodeStudyTerms({ ...shown, version: 1, salt: getBytes(salt), categories: 16 });
      expect(encoded).to.deep.equal(bytesOf("studys-terms.cbor"));
    });

    for (const name of maps) {
      it(`is refused by name where a newer version made the ${name}`, async () => {
        const decoders: Record<string, (bytes: Uint8Array) => unknown> = {
          batch: (bytes) => Batch.decode(bytes),
          "batch proof": decodeBatchProof,
          "compartment key": decodeCompartmentKey,
          constraint: decodeConstraint,
          envelope: decodeEnvelope,
          "key document": decodeKeyDocument,
          "key wrap": decodeKeyWrap,
          manifest: decodeManifest,
        };
        const bytes = bytesOf(fileOf(name, "cbor"));
        const map = decode<{ version: number }>(bytes);
        expect(map.version).to.equal(1);
        // A study's terms are read as JSON, and hashed.
        if (name === "study's terms") return;
        const newer = encode({ ...map, version: 2 });
        await expectCode("FORMAT_NEWER", () => Promise.resolve().then(() => decoders[name]!(newer)));
      });
    }
  });

  describe("of a vault", () => {
    it("opens, and holds what it held; its backup, too", async () => {
      expect(meaningOfVault(vault, keys.patient)).to.deep.equal(meaning.vault);
      const directory = join(scratch, "restored");
      const restored = await restoreVault({
        ...{ directory, chain, passphrase: PASSPHRASE, backup: bytesOf("backup.bin"), cost: 10 },
      });
      expect(meaningOfVault(restored, keys.patient)).to.deep.equal(meaning.vault);
      restored.close();
    });

    it("is refused by name where a newer version made it", async () => {
      const directory = unzipped("vault.sqlite.gz");
      const database = new DatabaseSync(join(directory, "vault.sqlite"));
      database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
      database.close();
      await expectCode("VAULT_VERSION", openVault({ directory, chain, passphrase: PASSPHRASE }));
      const backup = bytesOf("backup.bin");
      backup[7] = 2;
      const into = { directory: join(scratch, "never"), chain, passphrase: PASSPHRASE, cost: 10 };
      await expectCode("FORMAT_NEWER", restoreVault({ ...into, backup }));
      const locked = bytesOf("locked-secret.bin");
      locked[7] = 2;
      await expectCode("FORMAT_NEWER", unlockSecret(locked, PASSPHRASE));
      const release = encode({ ...decode<object>(bytesOf("release.cbor")), version: 2 });
      await expectCode("FORMAT_NEWER", () => Promise.resolve().then(() => decodeRelease(release)));
    });
  });

  for (const kind of kinds) {
    describe(`of the kind ${kind}`, () => {
      const name = `${kind}.json`;
      const take = async (change: object): Promise<unknown> => {
        const file = { ...jsonOf<object>(name), ...change };
        const path = join(scratch, name);
        writeFileSync(path, JSON.stringify(file));
        return TAKERS[kind]!.take(ctx, file, path);
      };

      it("is taken by this version, as far as that goes without a chain", async () => {
        const outcome = await take({}).then(
          () => "taken",
          (error: unknown) => {
            if (isChartChainError(error, "CHAIN_UNREACHABLE")) return "asks the chain";
            throw error;
          },
        );
        expect(outcome).to.equal(TAKERS[kind]!.alone ? "taken" : "asks the chain");
      });

      it("is refused by name where a newer version made it, and whatever else is in it", async () => {
        const error = await expectCode("HANDOVER_NEWER", take({ version: 2, something: "else" }));
        expect(error.details).to.include({ version: 2, supported: 1 });
        await expectCode("HANDOVER_MALFORMED", take({ version: 0 }));
      });
    });
  }

  it("of a deployment file and of an emergency card is refused by name where a newer version made it", async () => {
    const file = jsonOf<object>("deployment.json");
    await expectCode("FORMAT_NEWER", () => Promise.resolve().then(() => parseDeployment({ ...file, version: 2 })));
    await expectCode("DEPLOYMENT_INVALID", () =>
      Promise.resolve().then(() => parseDeployment({ ...file, version: undefined })),
    );
    const card = readFileSync(join(folder, "emergency-card.txt"), "utf8");
    await expectCode("FORMAT_NEWER", readEmergencyCard(ctx, { card: card.replace("v=1", "v=2") }));
    await expectCode("CHAIN_UNREACHABLE", readEmergencyCard(ctx, { card }));
  });
});
