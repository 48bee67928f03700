import { expect } from "chai";
import { parseEther, Wallet } from "ethers";

import { createDevnet, type Devnet } from "../../devnet/index.js";
import { bundled, type OpenPage, openPage, sqliteWasm } from "../helpers/chromium.js";
import type { Answer, Call, Start } from "./browser-actor.js";

// As text, since the project's types know no browser.
const START = `
  window.workers = {};
  window.ask = (who, call) => new Promise((resolve, reject) => {
    const worker = (window.workers[who] ??= new Worker("/actor.js", { type: "module" }));
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message || "the worker can't be loaded"));
    worker.postMessage(call);
  });`;

const CONTENT = '{"resourceType":"AllergyIntolerance"}';

describe("the SDK in Chromium", () => {
  let devnet: Devnet;
  let opened: OpenPage;

  before(async function () {
    devnet = await createDevnet();
    const files = {
      "/start.js": ["text/javascript", START],
      "/actor.js": await bundled(new URL("./browser-actor.ts", import.meta.url)),
      "/sqlite3.wasm": sqliteWasm(),
    } as const;
    opened = await openPage(this, files, { connect: [devnet.url] });
  });
  after(async () => {
    await opened?.close();
    await devnet?.close();
  });

  async function ask(who: string, verb: Call["verb"], input?: unknown): Promise<Answer> {
    const call = JSON.stringify({ verb, input } satisfies Call);
    return JSON.parse(await opened.page.evaluate(`ask(${JSON.stringify(who)}, ${JSON.stringify(call)})`)) as Answer;
  }
  /** What a verb gives, as JSON; bytes are a text that begins with `bytes:`. */
  async function done<T = Record<string, unknown>>(who: string, verb: Call["verb"], input?: unknown): Promise<T> {
    const answer = await ask(who, verb, input);
    if ("refused" in answer) throw new Error(`${who}: ${verb}: ${answer.refused}`);
    return answer.is as T;
  }
  async function start(name: string): Promise<void> {
    const { privateKey, address } = Wallet.createRandom();
    const funder = await devnet.provider.getSigner(0);
    await (await funder.sendTransaction({ to: address, value: parseEther("10") })).wait();
    const { url, deployment } = devnet;
    await done(name, "start", { name, url, deployment, privateKey } satisfies Start);
  }
  async function institution(who: string, name: string): Promise<number> {
    await start(who);
    const { participant } = await done<{ participant: number }>(who, "registerInstitution", { name });
    await devnet.authority.licenseInstitution({
      ...{ institution: participant, roles: ["PROVIDER"], until: (await devnet.now()) + 86_400 },
      onWait: () => devnet.increaseTime(2),
    });
    return participant;
  }

  it("registers, approves, adds, grants, reads and revokes, each participant in a worker of its own", async () => {
    await institution("hospital", "General Hospital");
    const viewer = await institution("clinic", "City Clinic");
    await start("alice");
    const { participant: patient } = await done<{ participant: number }>("alice", "registerPatient");
    for (const [from, to] of [
      ["alice", "hospital"],
      ["clinic", "alice"],
    ] as const)
      await done(to, "takeKeyDocument", { file: await done(from, "ownKeyDocument") });

    const { terms } = await done("hospital", "proposeRelationship", { patient });
    await done("alice", "takeTerms", { file: terms });
    const [proposal] = await done<unknown[]>("alice", "listPending");
    await done("alice", "approveRelationship", proposal);

    const record = { patient, category: "SUMMARY", content: `bytes:${CONTENT}` };
    const { digest } = await done("hospital", "addRecord", record);
    await done("alice", "takeDelivery", { file: await done("hospital", "deliver", { patient, viewer: patient }) });
    expect(await done("alice", "openRecord", { digest })).to.include({ content: `bytes:${CONTENT}` });

    const reading = { digest, purpose: "TREAT" };
    expect(await ask("clinic", "openRecord", reading)).to.have.property("refused");
    const until = (await devnet.now()) + 3_600;
    await done("alice", "grantAccess", { viewer, categories: ["SUMMARY"], purpose: "TREAT", until });
    const delivery = await done("alice", "deliver", { patient, viewer, purpose: "TREAT" });
    await done("clinic", "takeDelivery", { file: delivery });
    expect(await done("clinic", "openRecord", reading)).to.include({ content: `bytes:${CONTENT}` });

    await done("alice", "revokeAccess", { viewer });
    expect(await ask("clinic", "openRecord", reading)).to.deep.equal({ refused: "CONSENT_DENIED" });
  });

  it("says nothing to the console, and offends no policy", async () => {
    expect(await opened.complaints()).to.deep.equal([]);
  });
});
