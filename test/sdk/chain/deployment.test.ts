import { expect } from "chai";
import { JsonRpcProvider, Network } from "ethers";
import fc from "fast-check";

import { checkDeployment, parseDeployment, type Deployment } from "../../../src/sdk/index.js";
import { expectCode } from "../helpers.js";
import { createDevnet, type Devnet, throughJson } from "../../../devnet/index.js";

describe("a deployment", () => {
  let world: Devnet;
  let deployment: Deployment;
  before(async () => {
    world = await createDevnet();
    ({ deployment } = world);
  });
  after(() => world.close());

  it("is read as it was written", () => {
    expect(parseDeployment(throughJson(deployment))).to.deep.equal(deployment);
  });

  it("is refused when it is nothing of the kind", async () => {
    for (const value of [null, undefined, 7, "deployment", [], {}]) {
      await expectCode("DEPLOYMENT_INVALID", () => parseDeployment(value));
    }
  });

  it("is refused when any field of it is missing or wrong", () => {
    const wrong = fc.constantFrom(undefined, null, "", "0x", -0.5, {}, `0x${"G".repeat(40)}`);
    const contracts = Object.keys(deployment.contracts);
    const field = fc.constantFrom("chainId", "genesisHash", "block", "contracts", ...contracts);
    fc.assert(
      fc.property(field, wrong, (name, value) => {
        const file = throughJson(deployment) as unknown as Record<string, Record<string, unknown>>;
        const holder = name in file ? (file as Record<string, unknown>) : file["contracts"]!;
        holder[name] = value;
        expect(() => parseDeployment(file)).to.throw("this is not a ChartChain deployment");
      }),
    );
  });

  it("is refused when the checksum of an address is wrong, which is named", async () => {
    const good = deployment.contracts.Registrar;
    // One letter in the other case.
    const [letter] = /[a-fA-F]/.exec(good.slice(2))!;
    const at = good.indexOf(letter, 2);
    const other = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
    const wrong = {
      ...deployment,
      contracts: { ...deployment.contracts, Registrar: good.slice(0, at) + other + good.slice(at + 1) },
    };
    for (const action of [() => parseDeployment(throughJson(wrong)), () => checkDeployment(world.provider, wrong)]) {
      const error = await expectCode("DEPLOYMENT_INVALID", action);
      expect(error.message).to.contain("Registrar").and.contain(wrong.contracts.Registrar);
    }
    const small = { ...deployment.contracts, Registrar: good.toLowerCase() };
    await checkDeployment(world.provider, parseDeployment({ ...deployment, contracts: small }));
  });

  it("is found where it was made", async () => {
    await checkDeployment(world.provider, deployment);
  });

  it("is refused by a node of another chain", async () => {
    const error = await expectCode("WRONG_CHAIN", checkDeployment(world.provider, { ...deployment, chainId: 1 }));
    expect(error.details).to.deep.equal({ chainId: 31337, expected: 1 });
  });

  it("is refused by a chain that was restarted", async () => {
    const other = { ...deployment, genesisHash: `0x${"ab".repeat(32)}` };
    await expectCode("CHAIN_RESTARTED", checkDeployment(world.provider, other));
  });

  it("is refused when a contract isn't there, which is named", async () => {
    const contracts = { ...deployment.contracts, Records: `0x${"12".repeat(20)}` };
    const error = await expectCode(
      "CONTRACTS_NOT_DEPLOYED",
      checkDeployment(world.provider, { ...deployment, contracts }),
    );
    expect(error.details["missing"]).to.deep.equal(["Records"]);
  });

  it("can't be checked when nothing answers", async () => {
    const network = Network.from(31337);
    const dead = new JsonRpcProvider("http://127.0.0.1:1", network, { staticNetwork: network });
    await expectCode("CHAIN_UNREACHABLE", checkDeployment(dead, deployment));
    dead.destroy();
  });
});
