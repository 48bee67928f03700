import { expect } from "chai";
import { network } from "hardhat";

import ChartChain from "../../ignition/modules/ChartChain.js";
import { Authority__factory } from "../../typechain-types/index.js";

const [ADMIN, LICENSING, SUSPENDING, BANKING, REVIEWING] = [0n, 1n, 2n, 3n, 4n];

describe("A deployment whose authority is another account than the deployer's", () => {
  it("gives the deployer nothing to say, at no time", async () => {
    const { ethers, ignition } = await network.create();
    const [deployer, account] = await ethers.getSigners();
    const { authority } = await ignition.deploy(ChartChain, {
      parameters: { Authority: { account: account!.address, delay: 60 } },
    });
    const manager = Authority__factory.connect(await authority.getAddress(), deployer);

    const granted = await manager.queryFilter(manager.filters.RoleGranted());
    expect(new Set(granted.map(({ args }) => args.account))).to.deep.equal(new Set([account!.address]));
    for (const role of [ADMIN, LICENSING, BANKING]) {
      expect(await manager.hasRole(role, account!), `role ${role}`).to.deep.equal([true, 60n]);
    }
    for (const role of [SUSPENDING, REVIEWING]) {
      expect(await manager.hasRole(role, account!), `role ${role}`).to.deep.equal([true, 0n]);
    }
    await expect(manager.grantRole(LICENSING, deployer!, 60)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerUnauthorizedAccount",
    );
  });
});
