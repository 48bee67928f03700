import { expect } from "chai";
import { Signature } from "ethers";

import { asAuthority } from "../helpers/deploy.js";
import { fixture } from "../helpers/contracts/fixture.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { now, populate, type World } from "../helpers/contracts/world.js";

const load = fixture(populate);

const mint = (world: World, to: string, amount: bigint) =>
  asAuthority(world, world.chartToken, world.chartToken.interface.encodeFunctionData("mint", [to, amount]));

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

  it("is minted by the authority after its delay", async () => {
    const world = await load();
    const { chartToken, alice, zeroAddress } = world;

    await expect(mint(world, alice.address, 5n))
      .to.emit(chartToken, "Transfer")
      .withArgs(zeroAddress, alice.address, 5);

    expect(await chartToken.balanceOf(alice)).to.equal(5);
    expect(await chartToken.totalSupply()).to.equal(5);
  });

  it("is never minted beyond the cap: ERC20ExceededCap", async () => {
    const world = await load();
    const { chartToken, alice } = world;
    const cap = await chartToken.cap();
    await mint(world, alice.address, cap);

    await expect(mint(world, alice.address, 1n))
      .to.be.revertedWithCustomError(chartToken, "ERC20ExceededCap")
      .withArgs(cap + 1n, cap);
  });

  it("is minted by nobody else: AccessManagedUnauthorized", async () => {
    const { chartToken, alice } = await load();

    await expect(chartToken.connect(alice).mint(alice, 1))
      .to.be.revertedWithCustomError(chartToken, "AccessManagedUnauthorized")
      .withArgs(alice.address);
  });

  it("moves", async () => {
    const world = await load();
    const { chartToken, alice, bob } = world;
    await mint(world, alice.address, 5n);

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
    await mint(world, alice.address, 5n);
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
