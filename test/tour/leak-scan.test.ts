import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { AbiCoder, concat, hexlify, keccak256, toUtf8Bytes, zeroPadBytes, zeroPadValue, type Signer } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";

import { findLeaks, type Leak } from "../../tour/leak-scan.js";
import { connect } from "../../src/sdk/index.js";
import type { PersonalToken } from "../../src/fhir/index.js";

type Provider = Awaited<ReturnType<typeof connect>>;
type Bytes = Uint8Array | string;

// Contracts that turn over every bit of their argument before they let it be seen, so that the calldata is innocent.
const STORES_VALUE = "0x5f35195f5500";
const STORES_AT_SLOT = "0x60015f35195500";
const LOGS_DATA = "0x5f35195f5260205fa000";
const LOGS_TOPIC = "0x5f35195f5fa100";

const name = (value: string): PersonalToken => ({ kind: "name", value });
const utf8 = (text: string): Uint8Array => toUtf8Bytes(text);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const inverted = (word: string): string => `0x${(~BigInt(word) & (2n ** 256n - 1n)).toString(16).padStart(64, "0")}`;

describe("the search for personal data in public", () => {
  let server: Awaited<ReturnType<typeof network.createServer>>;
  let provider: Provider;
  let account: Signer;
  let folder: string;
  let snapshot: unknown;

  before(async () => {
    server = await network.createServer("node", "127.0.0.1", 0);
    const { address, port } = await server.listen();
    provider = await connect(`http://${address}:${port}`);
    account = await provider.getSigner(0);
  });
  after(async () => {
    provider.destroy();
    await server.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chartchain-leaks-"));
    snapshot = await provider.send("evm_snapshot", []);
  });
  afterEach(async () => {
    await provider.send("evm_revert", [snapshot]);
    await rm(folder, { recursive: true });
  });

  const leaksOf = async (
    tokens: readonly PersonalToken[],
    { ciphertexts = [] as string[], publicTexts = [] as string[] } = {},
  ): Promise<Leak[]> =>
    (await findLeaks({ provider, network: folder, tokens, ciphertexts: new Set(ciphertexts), publicTexts })).leaks;

  const block = (bytes: Bytes): Promise<void> => writeFile(join(folder, "block"), bytes);

  const send = async (data: Bytes, to?: string): Promise<string> => {
    const request = { to: to ?? (await account.getAddress()), data: hexlify(data) };
    return (await (await account.sendTransaction(request)).wait())!.hash;
  };

  /** Deploys runtime code: PUSH its length, copy it to memory and return it. */
  const deploy = async (runtime: string): Promise<string> => {
    const length = (runtime.length - 2) / 2;
    const data = concat([
      `0x60${length.toString(16).padStart(2, "0")}600a5f3960${length.toString(16).padStart(2, "0")}5ff3`,
      runtime,
    ]);
    return (await (await account.sendTransaction({ data })).wait())!.contractAddress!;
  };

  const here = (place: string) => [{ place, kind: "name" }];

  describe("in the blocks of the network", () => {
    it("finds a name as it is written", async () => {
      await block("…Carmona…");
      expect(await leaksOf([name("Carmona")])).to.deep.equal(here("block block"));
    });

    it("finds it in lower case, though it is written otherwise", async () => {
      await block("carmona");
      expect(await leaksOf([name("Carmona")])).to.have.length(1);
    });

    it("finds a name with letters that take several bytes", async () => {
      await block("Frau Müßig");
      expect(await leaksOf([name("Müßig")])).to.have.length(1);
    });

    it("finds its keccak-256 and its sha2-256, also of the lower-cased name and of a short one", async () => {
      for (const text of ["Carmona", "carmona", "Amy"]) {
        for (const hash of [keccak256(utf8(text)), `0x${sha256(utf8(text))}`]) {
          await block(Buffer.from(`00${hash.slice(2)}00`, "hex"));
          expect(await leaksOf([name(text === "Amy" ? "Amy" : "Carmona")]), text).to.have.length(1);
        }
      }
    });

    it("tells each kind of what it finds once, and never the token", async () => {
      await block("Carmona Carmona 1989-04-06");
      const leaks = await leaksOf([name("Carmona"), { kind: "date", value: "1989-04-06" }]);
      expect(leaks.map(({ kind }) => kind)).to.have.members(["name", "date"]);
      expect(JSON.stringify(leaks)).not.to.contain("Carmona");
    });

    it("finds every one of two tokens that begin alike", async () => {
      await block("Johnsonville");
      expect(await leaksOf([name("Johnson"), { kind: "address", value: "Johnsonville" }])).to.have.length(2);
    });

    it("looks into folders, at the very beginning and at the very end of a block", async () => {
      await mkdir(join(folder, "deep"));
      for (const text of ["Carmona.", ".Carmona"]) {
        await writeFile(join(folder, "deep", "block"), text);
        expect(await leaksOf([name("Carmona")]), text).to.have.length(1);
      }
    });

    it("passes over half a name, and over a name of four letters in running text", async () => {
      await block("Carmon Yang Yangzhou");
      expect(await leaksOf([name("Carmona"), name("Yang")])).to.deep.equal([]);
    });

    it("in ciphertext, passes over what turns up by chance, and finds what doesn't", async () => {
      const bytes = utf8("…Moore…Carmona-Sanchez…");
      await block(bytes);
      const ciphertexts = [sha256(bytes)];
      expect(await leaksOf([name("Moore")], { ciphertexts })).to.deep.equal([]);
      expect(await leaksOf([name("Moore")])).to.have.length(1);
      expect(await leaksOf([name("Carmona-Sanchez")], { ciphertexts })).to.have.length(1);
    });

    it("finds any token at any place between random bytes (property)", async () => {
      const token = fc.string({ unit: "grapheme", minLength: 5, maxLength: 40 });
      const noise = fc.uint8Array({ maxLength: 400 });
      await fc.assert(
        fc.asyncProperty(token, noise, noise, async (text, before, after) => {
          await block(Buffer.concat([before, utf8(text), after]));
          expect(await leaksOf([name("Somebody Else"), name(text)])).not.to.deep.equal([]);
        }),
        { numRuns: 100 },
      );
    });

    it("finds nothing in random bytes (property)", async () => {
      const tokens = ["Carmona", "Moore", "1989-04-06", "Amy", "patient@example.org"].map(name);
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 4_000 }), async (bytes) => {
          await block(bytes);
          expect(await leaksOf(tokens)).to.deep.equal([]);
        }),
        { numRuns: 100 },
      );
    });
  });

  describe("on the chain", () => {
    it("finds a name in calldata", async () => {
      const hash = await send(AbiCoder.defaultAbiCoder().encode(["string"], ["Carmona"]));
      expect(await leaksOf([name("Carmona")])).to.deep.equal(here(`calldata of transaction ${hash}`));
    });

    it("finds unsalted hashes of a name in calldata", async () => {
      for (const digest of [keccak256(utf8("Carmona")), `0x${sha256(utf8("carmona"))}`]) {
        const hash = await send(concat(["0x12345678", digest]));
        expect(await leaksOf([name("Carmona")])).to.deep.include(here(`calldata of transaction ${hash}`)[0]);
      }
    });

    it("finds a name in the code of a contract", async () => {
      await deploy(hexlify(concat(["0x00", utf8("Carmona")])));
      expect(await leaksOf([name("Carmona")])).to.have.length(1);
    });

    for (const [what, runtime, place] of [
      ["in a log", LOGS_DATA, "a log"],
      ["in a topic of a log", LOGS_TOPIC, "a log"],
      ["in a storage slot", STORES_VALUE, "a storage write"],
      ["in the place of a storage slot", STORES_AT_SLOT, "a storage write"],
    ] as const) {
      for (const [how, text, word] of [
        ["a name", "Carmona", zeroPadBytes(utf8("Carmona"), 32)],
        ["the hash of a name", "Carmona", keccak256(utf8("Carmona"))],
        ["a short name", "Yang", zeroPadBytes(utf8("Yang"), 32)],
      ] as const) {
        it(`finds ${how} ${what}, where the calldata doesn't show it`, async () => {
          const to = await deploy(runtime);
          const hash = await send(inverted(word), to);
          expect(await leaksOf([name(text)])).to.deep.equal(here(`${place} of transaction ${hash}`));
        });
      }
    }

    it("finds a name of four letters that fills an ABI field", async () => {
      const argument = zeroPadBytes(utf8("Yang"), 32);
      const inner = AbiCoder.defaultAbiCoder().encode(["bytes"], [concat(["0xaabbccdd", argument])]);
      const fields = {
        "as the only argument": argument,
        "behind a selector": concat(["0x12345678", argument]),
        "as a number": concat(["0x12345678", zeroPadValue(utf8("Yang"), 32)]),
        "as a string": concat(["0x12345678", AbiCoder.defaultAbiCoder().encode(["uint256", "string"], [7, "Yang"])]),
        "in a call within a call": concat(["0x12345678", inner]),
      };
      for (const [how, data] of Object.entries(fields)) {
        const hash = await send(data);
        const places = (await leaksOf([name("Yang")])).map(({ place }) => place);
        expect(places, how).to.include(`calldata of transaction ${hash}`);
      }
    });

    it("finds a name of four letters as Solidity stores a short string", async () => {
      const hash = await send(
        inverted(`0x${Buffer.from("Yang").toString("hex").padEnd(62, "0")}08`),
        await deploy(STORES_VALUE),
      );
      expect(await leaksOf([name("Yang")])).to.deep.equal(here(`a storage write of transaction ${hash}`));
    });

    it("passes over four such bytes in the middle of a field", async () => {
      await send(concat(["0x12345678", "0x01", utf8("Yang"), "0x".padEnd(56, "0")]));
      expect(await leaksOf([name("Yang")])).to.deep.equal([]);
    });

    it("tells how far it is, and ends at the last block", async () => {
      for (let i = 0; i < 20; i++) await send("0x12");
      const told: string[] = [];
      const { scanned } = await findLeaks({
        ...{ provider, network: folder, tokens: [], ciphertexts: new Set<string>(), publicTexts: [] },
        progress: (done, of) => told.push(`${done}/${of}`),
      });
      expect(told).to.deep.equal(["16/21", "21/21"]);
      expect(scanned).to.be.greaterThan(0);
    });
  });

  describe("what is public by design", () => {
    const publicTexts = ["General Hospital"];

    it("is no leak: the name, a word of it where it stands in the name, and its own hashes", async () => {
      const text = utf8("General Hospital");
      await block(Buffer.concat([text, Buffer.from(keccak256(text).slice(2) + sha256(text), "hex")]));
      const tokens = ["General Hospital", "General", "Hospital", "ospit"].map(name);
      expect(await leaksOf(tokens, { publicTexts })).to.deep.equal([]);
      expect(await leaksOf(tokens)).not.to.deep.equal([]);
    });

    it("is a leak where such a word stands anywhere else", async () => {
      for (const text of [
        "General",
        "General Hospita",
        "Generality",
        "General Hospital, General",
        "Hospital General",
      ]) {
        await block(text);
        expect(await leaksOf([name("General")], { publicTexts }), text).to.have.length(1);
      }
    });

    it("is a leak where a longer name begins with a public one", async () => {
      await block("General Hospitaler");
      expect(await leaksOf([name("General Hospitaler")], { publicTexts })).to.have.length(1);
    });

    it("is a leak as the hash of a word, or of the name otherwise written", async () => {
      for (const text of ["General", "general hospital"]) {
        await block(Buffer.from(keccak256(utf8(text)).slice(2), "hex"));
        expect(await leaksOf([name("General"), name("General Hospital")], { publicTexts }), text).to.have.length(1);
      }
    });

    it("covers a short name in an ABI field only where it is the public one", async () => {
      await send(AbiCoder.defaultAbiCoder().encode(["string"], ["City"]));
      expect(await leaksOf([name("City")], { publicTexts: ["City Clinic"] })).to.have.length(1);
      expect(await leaksOf([name("City")], { publicTexts: ["City"] })).to.deep.equal([]);
    });

    it("covers nothing when it is empty", async () => {
      await block("Carmona");
      expect(await leaksOf([name("Carmona")], { publicTexts: [""] })).to.have.length(1);
    });
  });
});
