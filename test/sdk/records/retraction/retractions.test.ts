import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect } from "chai";
import { AbiCoder, getBytes, type JsonRpcProvider } from "ethers";

import { connect, type Client } from "../../../../src/sdk/index.js";
import { settleRetractions } from "../../../../src/sdk/records/retraction/retractions.js";
import { type Actor, createDevnet, type Devnet, handOn, relate } from "../../../../devnet/index.js";
import { bytes, expectCode, HOUR, inFuture, mine } from "../../helpers.js";
import { startProxy, type Proxy } from "../../proxy.js";

/** What a node is asked for when it is asked for anchors. */
interface Question {
  from: number;
  patients: number[];
}

/** What the look for new retractions costs. */
describe("looking for retractions", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let proxy: Proxy;
  let provider: JsonRpcProvider;
  /** The clinic, which asks a node whose questions are seen. */
  let reader: Client;
  before(async () => {
    world = await createDevnet();
    [hospital, clinic] = [await world.institution("General Hospital"), await world.institution("City Clinic")];
    proxy = await startProxy(world.url);
    provider = await connect(proxy.url);
    reader = await world.clientOf(clinic, { runner: clinic.wallet.connect(provider) });
  });
  after(async () => {
    provider.destroy();
    await proxy.close();
    await world.close();
  });

  let number = 0;
  const somebody = async (): Promise<Actor> => {
    const patient = await world.patient(`patient ${number++}`);
    await relate(hospital, patient);
    await patient.client.grantAccess({
      ...{ viewer: clinic.id, categories: ["CARE"], purpose: "TREAT" },
      until: await inFuture(world, 1000 * HOUR),
    });
    return patient;
  };
  /** A record that the clinic has, too. */
  const shared = async ({ id }: Actor): Promise<string> => {
    const content = bytes(`record ${number++}`);
    const { digest } = await hospital.client.addRecord({ patient: id, category: "CARE", content });
    await handOn(hospital, clinic, id);
    return digest;
  };
  const retract = (digest: string) => hospital.client.retractRecord({ digest, reason: "filed under another person" });
  const isKnown = (digest: string) => clinic.vault.retractions.get(getBytes(digest), hospital.id) !== undefined;
  const cursorOf = ({ id }: Actor) => clinic.vault.cursors.get(`retractions:${id}`)!;

  /** The anchors that the node is asked for meanwhile. */
  async function asked(look: () => Promise<unknown>): Promise<Question[]> {
    const questions: Question[] = [];
    const topic = clinic.client.contracts.Records.interface.getEvent("RecordAnchored").topicHash;
    proxy.before = ({ method, params }) => {
      if (method !== "eth_getLogs") return undefined;
      const { fromBlock, topics } = params[0] as { fromBlock: string; topics: [string, string | string[]] };
      if (topics[0] !== topic) return undefined;
      const patients = [topics[1]].flat().map((one) => Number(AbiCoder.defaultAbiCoder().decode(["uint40"], one)[0]));
      questions.push({ from: Number(fromBlock), patients });
      return undefined;
    };
    await look();
    return questions;
  }

  it("reads no patient's past because another one was never looked at", async () => {
    const [known, fresh] = [await somebody(), await somebody()];
    const digest = await shared(known);
    await reader.listRecords({ patient: known.id });
    await mine(world, 5);
    const seen = cursorOf(known).block;
    await shared(fresh);
    await retract(digest);
    const questions = await asked(() => settleRetractions(reader, [known.id, fresh.id]));
    const about = ({ id }: Actor) => questions.filter(({ patients }) => patients.includes(id)).map(({ from }) => from);
    expect(about(known)).to.deep.equal([seen + 1]);
    expect(about(fresh)).to.deep.equal([world.deployment.block]);
    expect(isKnown(digest)).to.equal(true);
  });

  it("asks about many at once whose last look is about as long ago", async () => {
    const patients = [await somebody(), await somebody(), await somebody()];
    for (const patient of patients) await shared(patient);
    const ids = patients.map(({ id }) => id);
    await settleRetractions(reader, ids);
    await mine(world, 1);
    const questions = await asked(() => settleRetractions(reader, ids));
    expect(questions.map((question) => question.patients)).to.deep.equal([ids]);
    expect(await asked(() => settleRetractions(reader, ids)), "nothing is new").to.deep.equal([]);
  });

  it("goes on where the history that new records were compared with ends, and finds what came meanwhile", async () => {
    const patient = await somebody();
    const first = await shared(patient);
    await hospital.client.addRecord({ patient: patient.id, category: "CARE", content: bytes("a later one") });
    await mine(world, 5);
    await reader.listRecords({ patient: patient.id });
    const looked = cursorOf(patient).block;
    await handOn(hospital, clinic, patient.id);
    const verified = clinic.vault.anchors.last(patient.id)!.block;
    expect(verified).to.be.lessThan(looked);
    await retract(first);
    const questions = await asked(() => settleRetractions(reader, [patient.id]));
    expect(questions.map(({ from }) => from)).to.deep.equal([verified + 1]);
    expect(isKnown(first)).to.equal(true);
  });

  it("opens no record that nobody retracted, however many there are", async () => {
    const patient = await somebody();
    const [kept, digest] = [await shared(patient), await shared(patient)];
    clinic.vault.close();
    const database = new DatabaseSync(join(clinic.home, "vault.sqlite"));
    database.exec("PRAGMA secure_delete = ON");
    const damage = "UPDATE envelopes SET sealed_metadata = zeroblob(60), sealed = zeroblob(60) WHERE digest = ?";
    database.prepare(damage).run(getBytes(kept));
    database.close();
    await world.reopen(clinic);
    await retract(digest);
    await settleRetractions(clinic.client, [patient.id]);
    expect(isKnown(digest)).to.equal(true);
    await expectCode("VAULT_CORRUPT", () => clinic.vault.envelopes.list({ patient: patient.id }));
  });
});
