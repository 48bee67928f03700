import { expect } from "chai";

import { createClient, type Module } from "../../src/sdk/index.js";
import { contractKind } from "../../src/sdk/module-kit.js";
import { dataBank } from "../../src/sdk/modules/data-bank/index.js";
import { studies } from "../../src/sdk/modules/studies/index.js";
import { createDevnet, type Devnet } from "../../devnet/index.js";
import { expectCode } from "./helpers.js";

describe("the modules of a client", () => {
  let world: Devnet;
  before(async () => {
    world = await createDevnet();
  });
  after(() => world.close());

  const client = <const Modules extends readonly Module[]>(modules: Modules) =>
    createClient({ runner: world.provider, deployment: world.deployment, modules });

  it("bring their actions and contracts, and no others are there", async () => {
    const bank = await client([dataBank]);
    expect((await bank.seasonOf()).season).to.equal(0);
    expect(bank.contracts).to.include.keys("DataBank", "Registrar").and.not.include.keys("Studies");
    // @ts-expect-error: without the module the type has no such action
    expect(bank.studyOf).to.equal(undefined);
    const both = await client([dataBank, studies]);
    expect(await both.listStudies()).to.deep.equal([]);
  });

  it("need their contracts in the deployment, which names the one that is missing", async () => {
    const { Studies, ...contracts } = world.deployment.contracts;
    const deployment = { ...world.deployment, contracts: contracts as Devnet["deployment"]["contracts"] };
    const options = { runner: world.provider, deployment };
    const error = await expectCode("DEPLOYMENT_INVALID", createClient({ ...options, modules: [studies] }));
    expect(error.details).to.deep.equal({ contract: "Studies" });
    expect((await createClient({ ...options, modules: [dataBank] })).deployment.contracts["Studies"]).to.equal(
      undefined,
    );
    expect(Studies).to.be.a("string");
  });

  it("are refused where two of them, or one and the core, use a name for different things", async () => {
    const wrong: [readonly Module[], object][] = [
      [[dataBank, dataBank], { what: "action", name: "openBankAccount", modules: ["data-bank", "data-bank"] }],
      [
        [{ name: "thief", actions: { decide: () => true } }],
        { what: "action", name: "decide", modules: ["the core", "thief"] },
      ],
      [
        [{ name: "impostor", contracts: { Consents: contractKind([]) } }],
        { what: "contract", name: "Consents", modules: ["the core", "impostor"] },
      ],
      [
        [dataBank, { name: "mint", contracts: { ChartToken: contractKind([]) } }],
        { what: "contract", name: "ChartToken", modules: ["data-bank", "mint"] },
      ],
    ];
    for (const [modules, details] of wrong) {
      const error = await expectCode("MODULES_CLASH", client(modules));
      expect(error.details).to.deep.equal(details);
    }
  });
});
