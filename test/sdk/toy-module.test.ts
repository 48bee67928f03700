import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect } from "chai";
import { ContractFactory } from "ethers";

import { createClient, type Deployment } from "../../src/sdk/index.js";
import { allModules } from "../../src/sdk/modules/index.js";
import { type Actor, createDevnet, type Devnet, keyDocumentFolder, relate, throughJson } from "../../devnet/index.js";
import { bytes, expectCode, inFuture } from "./helpers.js";
import { SOURCE, toys } from "./toys.js";

/**
 * A module is handed in and works, with nothing of the core changed: it stands in the list of modules that createClient gets
 * and in the deployment's list of contracts, and nowhere else.
 */
describe("a module of somebody else's", () => {
  let world: Devnet;
  let deployment: Deployment;
  let clinic: Actor;
  let laboratory: Actor;
  let alice: Actor;
  before(async () => {
    // It takes so long that a connection which waits meanwhile is closed.
    const { abi, bytecode } = compiled();
    world = await createDevnet();
    const builder = await world.actor("builder");
    const toy = await new ContractFactory(abi, bytecode, builder.wallet).deploy(world.deployment.contracts.Registrar);
    await toy.waitForDeployment();
    const contracts = { ...world.deployment.contracts, Toy: await toy.getAddress() };
    deployment = { ...world.deployment, contracts };
    clinic = await world.institution("General Hospital");
    laboratory = await world.institution("Laboratory");
    alice = await world.patient("alice");
    await relate(clinic, alice);
  });
  after(() => world.close());

  const withToys = ({ wallet, vault, store }: Actor) =>
    createClient({
      ...{ runner: wallet, deployment, vault, store, modules: [...allModules, toys] },
      keyDocuments: keyDocumentFolder(`${world.folder}/key-documents`),
    });

  it("brings its actions, and names its contract's errors", async () => {
    const client = await withToys(alice);
    await client.chooseTune({ tune: 7 });
    expect(await client.tuneOf({ patient: alice.id })).to.equal(7);
    const error = await expectCode("CHAIN_CALL_FAILED", client.chooseTune({ tune: 0 }));
    expect(error.message).to.contain("NoSuchTune").and.contain("tune 0");
    expect(await client.listStudies(), "beside the others").to.deep.equal([]);
  });

  it("brings what is signed for it, which is shown, checked and relayed like the core's", async () => {
    const file = throughJson(await (await withToys(alice)).signChooseTune({ tune: 8 }));
    const relayer = await withToys(clinic);
    expect(await relayer.describeSignedAction({ file })).to.deep.equal({
      ...{ action: "chooseTune", account: alice.wallet.address, says: "Play tune 8 for me." },
    });
    const altered = { ...file, message: { ...file.message, tune: 9 } };
    await expectCode("HANDOVER_ALTERED", relayer.relay({ file: altered }));
    await relayer.relay({ file });
    expect(await relayer.tuneOf({ patient: alice.id })).to.equal(8);
    const error = await expectCode("HANDOVER_MALFORMED", clinic.client.relay({ file }));
    expect(error.message).to.contain("chooseTune");
    expect(error.hint).to.contain("module");
  });

  it("keeps back what it says has to wait, and nothing else", async () => {
    await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("a note") });
    const until = await inFuture(world, 3_600);
    const grant = { viewer: laboratory.id, categories: ["CARE"], steward: clinic.id, until } as const;
    for (const purpose of ["TREAT", "HPAYMT"] as const) await alice.client.grantAccess({ ...grant, purpose });
    const asked = { patient: alice.id, viewer: laboratory.id };
    const client = await withToys(clinic);
    await (await withToys(alice)).chooseTune({ tune: 13 });
    const error = await expectCode("CONSENT_DENIED", client.releaseKeys({ ...asked, purpose: "TREAT" }));
    expect(error.details["reason"]).to.equal("UNLUCKY_TUNE");
    expect(error.hint).to.equal("Wait until the patient chooses another tune.");
    await client.releaseKeys({ ...asked, purpose: "HPAYMT" });
    await (await withToys(alice)).chooseTune({ tune: 7 });
    await client.releaseKeys({ ...asked, purpose: "TREAT" });
  });

  it("is gone with the lists that it stood in", async () => {
    const client = await createClient({ runner: alice.wallet, deployment, modules: allModules });
    expect(client).not.to.have.property("chooseTune");
    expect(client.contracts).not.to.have.property("Toy");
    await expectCode(
      "DEPLOYMENT_INVALID",
      createClient({ runner: alice.wallet, deployment: world.deployment, modules: [toys] }),
    );
  });
});

/** The contract, compiled against the core's sources; nothing is written. */
function compiled(): { abi: []; bytecode: string } {
  const solc = createRequire(import.meta.url)("solc") as { compile(input: string, callbacks: object): string };
  const root = new URL("../../", import.meta.url);
  const find = (path: string) => {
    const folder = path.startsWith("@") ? "node_modules/" : "";
    return { contents: readFileSync(new URL(`${folder}${path}`, root), "utf8") };
  };
  const name = "contracts/modules/toys/Toy.sol";
  const input = {
    language: "Solidity",
    sources: { [name]: { content: SOURCE } },
    settings: { evmVersion: "prague", outputSelection: { [name]: { Toy: ["abi", "evm.bytecode.object"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find })) as {
    errors?: { severity: string; formattedMessage: string }[];
    contracts: Record<string, { Toy: { abi: []; evm: { bytecode: { object: string } } } }>;
  };
  const problem = output.errors?.find(({ severity }) => severity === "error");
  if (problem !== undefined) throw new Error(problem.formattedMessage);
  const { abi, evm } = output.contracts[name]!.Toy;
  return { abi, bytecode: evm.bytecode.object };
}
