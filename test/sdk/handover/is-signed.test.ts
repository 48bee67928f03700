import { expect } from "chai";
import { hashMessage, Wallet } from "ethers";

import { createDevnet, type Actor, type Devnet } from "../../../devnet/index.js";
import { ContractAccountSigner } from "../contract-account.js";

describe("whether an account signed a text", () => {
  let world: Devnet;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    alice = await world.patient("alice");
  });
  after(() => world.close());

  const digest = hashMessage("Sign in");

  it("is told by the signature of a key alone", async () => {
    const { wallet, client } = alice;
    const signature = await wallet.signMessage("Sign in");

    expect(await client.isSigned({ account: wallet.address, digest, signature })).to.equal(true);
    expect(await client.isSigned({ account: wallet.address.toLowerCase(), digest, signature })).to.equal(true);
    expect(await client.isSigned({ account: wallet.address, digest: hashMessage("Sign out"), signature })).to.equal(
      false,
    );
    const stranger = Wallet.createRandom().address;
    expect(await client.isSigned({ account: stranger, digest, signature })).to.equal(false);
    expect(await client.isSigned({ account: wallet.address, digest, signature: "0x" })).to.equal(false);
  });

  it("is believed of a contract account when several nodes say so (ERC-1271)", async () => {
    const owner = Wallet.createRandom(world.provider);
    await (await (await world.provider.getSigner(0)).sendTransaction({ to: owner.address, value: 10n ** 18n })).wait();
    const account = await (
      await ContractAccountSigner.deploy(new Wallet(owner.privateKey, world.provider))
    ).getAddress();
    const signature = await owner.signMessage("Sign in");
    const careful = await world.clientOf(alice, { otherNodes: [world.url] });

    expect(await alice.client.isSigned({ account, digest, signature }), "of one node").to.equal(false);
    expect(await careful.isSigned({ account, digest, signature })).to.equal(true);
    const others = await alice.wallet.signMessage("Sign in");
    expect(await careful.isSigned({ account, digest, signature: others })).to.equal(false);
  });
});
