import { expect } from "chai";
import { Signature } from "ethers";

import { endow } from "../../helpers/contracts/bank.js";
import { fixture } from "../../../devnet/index.js";
import { DAY } from "../../helpers/contracts/typed-data.js";
import { now, populate } from "../../helpers/contracts/world.js";

const load = fixture(populate);

describe("ChartToken", () => {
  it("is an ERC-20 with a cap of a thousand million", async () => {
    const { chartToken } = await load();

    expect(await chartToken.name()).to.equal("ChartChain Token");
    expect(await chartToken.symbol()).to.equal("CHART");
    expect(await chartToken.decimals()).to.equal(18);
    expect(await chartToken.totalSupply()).to.equal(0);
    expect(await chartToken.cap()).to.equal(10n ** 27n);
    expect(await chartToken.MAX_SUPPLY()).to.equal(10n ** 27n);
  });

  it("is minted by the Data Bank that made it, and begins with nothing", async () => {
    const world = await load();
    const { chartToken, dataBank, alice } = world;

    expect(await chartToken.bank()).to.equal(await dataBank.getAddress());
    expect(await dataBank.token()).to.equal(await chartToken.getAddress());
    await endow(world, alice.address, 5n);

    expect(await chartToken.balanceOf(alice)).to.equal(5);
    expect(await chartToken.totalSupply()).to.equal(5);
  });

  it("is never minted beyond the cap: ERC20ExceededCap", async () => {
    const world = await load();
    const { chartToken, alice } = world;
    const cap = await chartToken.cap();
    await endow(world, alice.address, cap);

    await expect(endow(world, alice.address, 1n))
      .to.be.revertedWithCustomError(chartToken, "ERC20ExceededCap")
      .withArgs(cap + 1n, cap);
  });

  it("is minted by nobody else, the authority neither: NotTheBank", async () => {
    const { chartToken, alice, authority } = await load();

    for (const account of [alice, authority]) {
      await expect(chartToken.connect(account).mint(account, 1))
        .to.be.revertedWithCustomError(chartToken, "NotTheBank")
        .withArgs(account.address);
    }
  });

  it("is burnt by who has it", async () => {
    const world = await load();
    const { chartToken, alice } = world;
    await endow(world, alice.address, 5n);

    await chartToken.connect(alice).burn(2);

    expect(await chartToken.balanceOf(alice)).to.equal(3);
    expect(await chartToken.totalSupply()).to.equal(3);
  });

  it("moves", async () => {
    const world = await load();
    const { chartToken, alice, bob } = world;
    await endow(world, alice.address, 5n);

    await expect(chartToken.connect(alice).transfer(bob, 2)).to.changeTokenBalances(
      world.ethers,
      chartToken,
      [alice, bob],
      [-2, 2],
    );
  });

  it("is permitted by a signature, once", async () => {
    const world = await load();
    const { chartToken, alice, bob, relayer } = world;
    await endow(world, alice.address, 5n);
    const deadline = (await now(world)) + DAY;
    const domain = {
      name: "ChartChain Token",
      version: "1",
      chainId: 31337,
      verifyingContract: await chartToken.getAddress(),
    };
    const Permit = ["address owner", "address spender", "uint256 value", "uint256 nonce", "uint256 deadline"].map(
      (field) => ({ type: field.split(" ")[0]!, name: field.split(" ")[1]! }),
    );
    const message = { owner: alice.address, spender: bob.address, value: 3n, nonce: 0n, deadline };
    const { v, r, s } = Signature.from(await alice.signTypedData(domain, { Permit }, message));
    const permit = () => chartToken.connect(relayer).permit(alice, bob, 3, deadline, v, r, s);

    await expect(permit()).to.emit(chartToken, "Approval").withArgs(alice.address, bob.address, 3);

    expect(await chartToken.nonces(alice)).to.equal(1);
    await chartToken.connect(bob).transferFrom(alice, bob, 3);
    expect(await chartToken.balanceOf(bob)).to.equal(3);
    await expect(permit()).to.be.revertedWithCustomError(chartToken, "ERC2612InvalidSigner");
  });
});
