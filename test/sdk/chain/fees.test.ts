import { expect } from "chai";
import { parseUnits, toQuantity } from "ethers";

import { createClient, type Client } from "../../../src/sdk/index.js";
import { type Actor, createDevnet, type Devnet } from "../../../devnet/index.js";
import { expectCode } from "../helpers.js";
import { behindProxy, type ProxiedClient } from "../proxy.js";

const gwei = (amount: string) => parseUnits(amount, "gwei");

describe("the fees of a transaction", () => {
  let world: Devnet;
  let alice: Actor;
  let proxy: ProxiedClient;
  let client: Client;
  let provider: ProxiedClient["provider"];
  before(async () => {
    world = await createDevnet();
    alice = await world.patient("alice");
    proxy = await behindProxy(world, alice);
    ({ client, provider } = proxy);
  });
  after(async () => {
    await proxy.close();
    await world.close();
  });
  beforeEach(() => {
    proxy.calls = [];
  });
  afterEach(() => {
    proxy.after = (_, response) => response;
  });

  /** A node that says these of gas. */
  const says = ({ tip, baseFee, gasPrice }: { tip?: bigint; baseFee?: bigint | null; gasPrice?: bigint | null }) => {
    proxy.after = ({ method }, response) => {
      if (method === "eth_maxPriorityFeePerGas" && tip !== undefined) return { result: toQuantity(tip) };
      if (method === "eth_gasPrice" && gasPrice !== undefined) {
        return gasPrice === null ? { error: { code: -32000, message: "no price" } } : { result: toQuantity(gasPrice) };
      }
      if (method !== "eth_getBlockByNumber" || baseFee === undefined) return response;
      const block = response.result as Record<string, unknown>;
      return { result: { ...block, baseFeePerGas: baseFee === null ? undefined : toQuantity(baseFee) } };
    };
  };
  const sent = () => proxy.calls.filter((method) => method.startsWith("eth_send"));

  it("are refused where a node wants a tip that nobody pays", async () => {
    says({ tip: gwei("40000") });
    const error = await expectCode("FEE_TOO_HIGH", client.revokeAccess({ viewer: 1 }));
    expect(error.message).to.contain("40000.0 gwei");
    expect(error.details).to.deep.equal({ tip: String(gwei("40000")), ceiling: String(gwei("5")) });
    expect(sent()).to.deep.equal([]);
  });

  it("are refused also where it lies about the base fee, or says that there is none", async () => {
    says({ tip: gwei("40000"), baseFee: gwei("20000") });
    await expectCode("FEE_TOO_HIGH", client.revokeAccess({ viewer: 1 }));
    says({ tip: gwei("101"), baseFee: gwei("20000") });
    const error = await expectCode("FEE_TOO_HIGH", client.revokeAccess({ viewer: 1 }));
    expect(error.details["ceiling"]).to.equal(String(gwei("100")));
    says({ gasPrice: gwei("40000"), baseFee: null });
    await expectCode("FEE_TOO_HIGH", client.revokeAccess({ viewer: 1 }));
    expect(sent()).to.deep.equal([]);
  });

  it("are refused where a node doesn't say what gas costs", async () => {
    says({ gasPrice: null, baseFee: null });
    await expectCode("CHAIN_UNREACHABLE", client.revokeAccess({ viewer: 1 }));
    expect(sent()).to.deep.equal([]);
  });

  it("are refused by an account that the node keeps, too", async () => {
    const { id } = await world.institution("General Hospital");
    const authority = await createClient({ runner: await provider.getSigner(0), deployment: world.deployment });
    says({ tip: gwei("40000") });
    await expectCode("FEE_TOO_HIGH", authority.suspendInstitution({ institution: id }));
    expect(sent()).to.deep.equal([]);
  });

  it("follow the base fee, and the ceiling that is set", async () => {
    says({ tip: gwei("39"), baseFee: gwei("20") });
    await client.revokeAccess({ viewer: 1 });
    says({ tip: gwei("41"), baseFee: gwei("20") });
    await expectCode("FEE_TOO_HIGH", client.revokeAccess({ viewer: 1 }));
    const runner = alice.wallet.connect(provider);
    const generous = await world.clientOf(alice, { runner, maxPriorityFeePerGas: gwei("50") });
    const { receipt } = await generous.revokeAccess({ viewer: 1 });
    expect((await world.provider.getTransaction(receipt.hash))!.maxPriorityFeePerGas).to.equal(gwei("41"));
    const thrifty = await world.clientOf(alice, { runner, maxPriorityFeePerGas: gwei("2") });
    says({ tip: gwei("3"), baseFee: gwei("20") });
    const error = await expectCode("FEE_TOO_HIGH", thrifty.revokeAccess({ viewer: 1 }));
    expect(error.details).to.deep.equal({ tip: String(gwei("3")), ceiling: String(gwei("2")) });
  });

  it("of a chain without a base fee are held against the ceiling of all", async () => {
    const runner = alice.wallet.connect(provider);
    const generous = await world.clientOf(alice, { runner, maxFeePerGas: gwei("200") });
    says({ gasPrice: gwei("150"), baseFee: null });
    await generous.revokeAccess({ viewer: 1 });
    says({ gasPrice: gwei("201"), baseFee: null });
    await expectCode("FEE_TOO_HIGH", generous.revokeAccess({ viewer: 1 }));
  });
});
