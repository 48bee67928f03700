import { expect } from "chai";
import { network } from "hardhat";

import ChartChainForAuthority from "../../ignition/modules/ChartChainForAuthority.js";
import { AccessManager__factory } from "../../typechain-types/index.js";

const [ADMIN, LICENSING] = [0n, 1n];

describe("A deployment whose authority is another account than the deployer's", () => {
  it("leaves the deployer nothing to say", async () => {
    const { ethers, ignition } = await network.create();
    const [deployer, authority] = await ethers.getSigners();
    const { accessManager } = await ignition.deploy(ChartChainForAuthority, {
      parameters: { ChartChainForAuthority: { authority: authority!.address, delay: 60 } },
    });
    const manager = AccessManager__factory.connect(await accessManager.getAddress(), deployer);

    expect(await manager.hasRole(ADMIN, authority!)).to.deep.equal([true, 60n]);
    expect((await manager.hasRole(ADMIN, deployer!))[0], "administrator without delay").to.be.false;
    await expect(manager.grantRole(LICENSING, deployer!, 0)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerUnauthorizedAccount",
    );
  });
});
