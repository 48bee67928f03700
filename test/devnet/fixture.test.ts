import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { createChain, deployedChain, fixture, registerPatient, type Chain } from "../../devnet/index.js";

// The page shows these lines: see the last test.
const load = fixture(async () => {
  const chain = await deployedChain();
  return { ...chain, id: await registerPatient(chain, chain.alice) };
});

it("lets a person change settings", async () => {
  const { registrar, alice, id } = await load();
  await registrar.connect(alice).changeSettings(id, { knownOnly: true, longestGrant: 30, emergency: 0 });
  expect((await registrar.settingsOf(id)).longestGrant).to.equal(30);
});

describe("a fixture", () => {
  const countOf = ({ registrar }: Chain) => registrar.participantCount();

  it("is set up once, and handed out as it was then", async () => {
    let times = 0;
    const two = fixture(async () => {
      times++;
      const chain = await deployedChain();
      await registerPatient(chain, chain.alice);
      await registerPatient(chain, chain.bob);
      return chain;
    });
    for (let i = 0; i < 3; i++) {
      const chain = await two();
      expect(await countOf(chain)).to.equal(2);
      await registerPatient(chain, chain.stranger);
      expect(await countOf(chain)).to.equal(3);
    }
    expect(times).to.equal(1);
  });

  it("takes the clock back, too", async () => {
    const chain = await deployedChain();
    const before = await chain.networkHelpers.time.latest();
    await chain.networkHelpers.time.increase(1_000_000);
    await deployedChain();
    expect(await chain.networkHelpers.time.latest()).to.equal(before);
  });

  it("is set up again after one that stands on the same chain", async () => {
    const times = { alice: 0, bob: 0 };
    const standing = (name: "alice" | "bob") =>
      fixture(async () => {
        times[name]++;
        const chain = await deployedChain();
        await registerPatient(chain, chain[name]);
        return chain;
      });
    const [alice, bob] = [standing("alice"), standing("bob")];
    const registered = async (chain: Chain) =>
      Promise.all([chain.alice, chain.bob].map((account) => chain.registrar.participantOf(account.address)));
    for (let i = 0; i < 2; i++) {
      expect(await registered(await alice())).to.deep.equal([1n, 0n]);
      expect(await registered(await alice())).to.deep.equal([1n, 0n]);
      expect(await registered(await bob())).to.deep.equal([0n, 1n]);
    }
    expect(times).to.deep.equal({ alice: 2, bob: 2 });
  });

  it("stands on another, and outlives what is done to that chain", async () => {
    const below = fixture(async () => {
      const chain = await deployedChain();
      await registerPatient(chain, chain.alice);
      return chain;
    });
    const above = fixture(async () => {
      const chain = await below();
      await registerPatient(chain, chain.bob);
      return chain;
    });
    expect(await countOf(await above())).to.equal(2);
    expect(await countOf(await below())).to.equal(1);
    expect(await countOf(await above())).to.equal(2);
    expect(await countOf(await above())).to.equal(2);
  });

  it("hides nothing that goes wrong while it is set up, and tries again", async () => {
    let times = 0;
    const broken = fixture(async (): Promise<Chain> => {
      if (times++ === 0) throw new Error("out of order");
      return deployedChain();
    });
    const outcome = await broken().catch((error: Error) => error.message);
    expect(outcome).to.equal("out of order");
    expect(await countOf(await broken())).to.equal(0);
  });

  it("of a chain of its own isn't touched by others", async () => {
    const own = fixture(() => createChain());
    const chain = await own();
    await registerPatient(chain, chain.alice);
    const shared = await deployedChain();
    expect(await countOf(shared)).to.equal(0);
    expect(await countOf(chain)).to.equal(1);
    await chain.connection.close();
  });
});

describe("devnet/README.md", () => {
  it("shows a contract's test that runs here", async () => {
    const page = await readFile("devnet/README.md", "utf8");
    const here = await readFile("test/devnet/fixture.test.ts", "utf8");
    const [, shown] = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code!);
    const lines = shown!.split("\n").filter((line) => line !== "" && !line.startsWith("import"));
    expect(lines.length).to.be.greaterThan(5);
    for (const line of lines) expect(here).to.include(line);
  });
});
