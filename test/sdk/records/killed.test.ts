import { randomInt } from "node:crypto";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { env } from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { takeFile } from "../../../src/cli/files/take-files.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";
import { bytes, text } from "../helpers.js";
import { expectNothingLeft, pinsOf } from "../left-behind.js";
import { isShredded, type KillTask, noteOf } from "./kill-worker.js";

/** `npm run test:deep` kills 200 processes. */
const KILLS = env["CHARTCHAIN_DEEP"] === undefined ? 30 : 200;

/** So many to a test, so that something is said meanwhile. */
const BATCH = 10;

/** One in so many takes deliveries; the others add and shred. */
const TAKES = 3;

/** A process is killed after this many answers at the most, from none on, and then after so many milliseconds: both are drawn. */
const ANSWERS = 4;
const LONGEST_MS = 150;

const WORKER = fileURLToPath(new URL("./kill-worker.ts", import.meta.url));

/** A process that has loaded everything and waits for its task. */
function startWorker() {
  // Coverage of a killed process is torn, and spoils what is measured of this one.
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--import=tsx", WORKER], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_V8_COVERAGE: undefined },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const ended = once(child, "close").then(([code, signal]) => ({ code: code as number, signal: signal as string }));
  const printed = async (count: number) => {
    while (lines.length < count) {
      const step = await Promise.race([once(reader, "line"), ended]);
      if (!Array.isArray(step) && lines.length < count) throw new Error(`ended early: ${JSON.stringify(step)}`);
    }
  };
  return {
    /** Lets it work on the task until some moment, kills it, and gives what it had answered. */
    async kill(task: KillTask): Promise<string[]> {
      await printed(1);
      child.stdin.write(`${JSON.stringify(task)}\n`);
      await printed(2 + randomInt(ANSWERS + 1));
      await sleep(randomInt(LONGEST_MS));
      child.kill("SIGKILL");
      const { signal } = await ended;
      expect(signal, `it ended by itself after ${lines.at(-1)}`).to.equal("SIGKILL");
      return lines;
    },
    async end() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

describe(`processes that are killed at any moment, ${KILLS} times`, () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let bob: Actor;
  let next: ReturnType<typeof startWorker>;
  let pins: string[];
  /** The notes that were acknowledged, and those whose shredding was. */
  const added = new Map<number, string>();
  const shredded = new Set<number>();
  /** The first note that isn't known to be through. */
  let from = 0;
  const deliveries: string[] = [];

  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    [alice, bob] = [await world.patient("alice"), await world.patient("bob")];
    for (const patient of [alice, bob]) await relate(clinic, patient);
    pins = await pinsOf(clinic);
    // However early the first processes are killed: a delivery has something to give.
    await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes(noteOf(-1)) });
    next = startWorker();
  });
  after(async () => {
    await next?.end();
    await world?.close();
  });

  const taskOf = (role: KillTask["role"], actor: Actor): KillTask => ({
    role,
    url: world.url,
    deployment: world.deployment,
    privateKey: actor.wallet.privateKey,
    vault: actor.home,
    passphrase: actor.passphrase,
    store: { directory: world.ipfs, participant: basename(actor.home) },
    patients: [alice.id, bob.id],
    from,
    deliveries,
  });

  /** Kills a process at work for an actor, and opens the actor's vault again. */
  async function kill(role: KillTask["role"], actor: Actor): Promise<string[]> {
    actor.vault.close();
    const worker = next;
    const killing = worker.kill(taskOf(role, actor));
    // The next one loads meanwhile.
    next = startWorker();
    const lines = await killing;
    await world.reopen(actor);
    return lines;
  }

  async function killAdding(): Promise<void> {
    for (const line of await kill("add", clinic)) {
      const [what, note, digest] = line.split(" ") as [string, string, string];
      const isNew = !added.has(Number(note)) || isShredded(Number(note));
      if (what === "added") expect(isNew, `note ${note} was added twice`).to.equal(true);
      if (what === "added" || what === "there") added.set(Number(note), digest);
      if (what === "shredded") shredded.add(Number(note));
    }
    await expectNothingLeft(clinic, [alice.id, bob.id], pins);
    const contents = clinic.vault.additions.list().map(({ content }) => String(content));
    expect(new Set(contents).size, "the same content twice").to.equal(contents.length);
    const held = new Set((await clinic.client.listRecords()).map(({ digest }) => digest));
    for (const [note, digest] of added) {
      if (shredded.has(note)) expect(held.has(digest), `note ${note}, shredded`).to.equal(false);
      else if (!isShredded(note)) expect(held.has(digest), `note ${note}`).to.equal(true);
    }
    // The same import goes on; what wasn't acknowledged is met again, and what was shredded is left out of it.
    const through = [...added.keys()].filter((note) => !isShredded(note) || shredded.has(note));
    const last = Math.max(0, ...through);
    from = isShredded(last) ? last + 1 : last;
  }

  async function killTaking(): Promise<void> {
    const path = join(world.folder, `delivery-${deliveries.length}.json`);
    const file = await clinic.client.deliver({ patient: alice.id, viewer: alice.id, again: true });
    await writeFile(path, JSON.stringify(file));
    deliveries.splice(0, Infinity, path);
    await kill("take", alice);
    await takeFile(alice.client, path, JSON.parse(JSON.stringify(file)));
    const theirs = (await clinic.client.listRecords({ patient: alice.id })).map(({ digest }) => digest);
    const own = (await alice.client.listRecords()).map(({ digest }) => digest);
    expect(own, "of what was delivered").to.include.members(theirs);
    const { complete } = await alice.client.verifyHistory({ patient: alice.id });
    expect(complete).to.equal(true);
  }

  for (let done = 0; done < KILLS; done += BATCH) {
    it(`lose nothing, add nothing twice and leave nothing behind (${done + BATCH} of ${KILLS})`, async () => {
      for (let kills = done; kills < done + BATCH; kills++) {
        await (kills % TAKES === TAKES - 1 ? killTaking() : killAdding());
      }
    });
  }

  it("leave exactly what was added and not shredded, and all of it opens", async () => {
    const contents: string[] = [];
    for (const { digest } of await clinic.client.listRecords()) {
      contents.push(text((await clinic.client.openRecord({ digest, purpose: "TREAT" })).content));
    }
    const expected = [...added.keys()].filter((note) => !isShredded(note));
    expect(expected.length, "a process that is killed early acknowledges none").to.be.greaterThan(KILLS / 6);
    const whole = contents.filter((content) => expected.some((note) => noteOf(note) === content)).sort();
    expect(whole).to.deep.equal(expected.map(noteOf).sort());
    expect(new Set(contents).size, "the same twice").to.equal(contents.length);
  });
});
