import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { DAY, authorize } from "../helpers/contracts/typed-data.js";
import { COMMITMENT, now, populate } from "../helpers/contracts/world.js";

const load = fixture(populate);

describe("An attested identity", () => {
  it("is a person's, never an institution's: NotAPerson", async () => {
    const world = await load();
    const { registrar, ids, generalHospital, laboratory } = world;
    const deadline = (await now(world)) + DAY;
    const message = { issuer: ids.hospital, account: laboratory.address, commitment: COMMITMENT, deadline };
    const attested = await authorize(registrar, "IdentityAttestation", message, generalHospital);

    await expect(registrar.linkIdentity(laboratory.address, COMMITMENT, attested))
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ids.laboratory);
  });
});
