import { expect } from "chai";

import { createDevnet, relate, type Actor, type Devnet } from "../../../devnet/index.js";
import { CATEGORIES, type Question } from "../../../src/sdk/index.js";
import { behindProxy } from "../proxy.js";

describe("several decisions at one head", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let alice: Actor;
  let questions: Question[];
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    clinic = await world.institution("City Clinic");
    alice = await world.patient("alice");
    await relate(hospital, alice);
    const until = (await world.now()) + 3_600;
    await alice.client.grantAccess({ viewer: clinic.id, categories: ["SUMMARY"], purpose: "TREAT", until });
    const asked = { patient: alice.id, steward: hospital.id, purpose: "TREAT" } as const;
    questions = [hospital.id, clinic.id, alice.id].flatMap((viewer) =>
      CATEGORIES.flatMap((category) =>
        [false, true].map((confidential) => ({ ...asked, viewer, category, confidential })),
      ),
    );
  });
  after(() => world.close());

  it("says to each what `decide` says to it alone, with the final block that it rests on", async () => {
    const { decisions, final } = await hospital.client.decideAll({ questions });
    const alone = [];
    for (const question of questions) alone.push(await hospital.client.decide(question));
    expect(decisions).to.deep.equal(alone);
    expect(decisions.filter(({ allowed }) => allowed).length).to.be.within(1, questions.length - 1);
    expect(final!.number).to.be.at.most(decisions[0]!.block.number);
    expect(await hospital.client.decideAll({ questions: [] })).to.deep.include({ decisions: [] });
  });

  it("asks the node once what several need", async () => {
    const proxy = await behindProxy(world, hospital);
    try {
      const asked: string[] = [];
      proxy.before = ({ method, params }) => {
        if (method === "eth_call") asked.push(JSON.stringify(params));
        return undefined;
      };
      await proxy.client.decideAll({ questions });
      expect(asked.length).to.be.above(questions.length / 2);
      expect(new Set(asked).size).to.equal(asked.length);
    } finally {
      await proxy.close();
    }
  });

  it("remembers no failure of the node", async () => {
    const proxy = await behindProxy(world, hospital);
    try {
      let failures = 3;
      proxy.before = ({ method }) => (method === "eth_call" && failures-- > 0 ? "hang up" : undefined);
      const { decisions } = await proxy.client.decideAll({ questions });
      expect(decisions).to.deep.equal((await hospital.client.decideAll({ questions })).decisions);
      expect(failures).to.be.below(0);
    } finally {
      await proxy.close();
    }
  });
});
