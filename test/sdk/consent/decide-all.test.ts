import { expect } from "chai";

import { createDevnet, relate, type Actor, type Devnet } from "../../../devnet/index.js";
import { CATEGORIES, PURPOSES, type Question } from "../../../src/sdk/index.js";
import { behindProxy, type ProxiedClient } from "../proxy.js";

type Answer = ReturnType<ProxiedClient["before"]>;

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

  const callsOf = async (fault: (call: { to?: string }) => Answer | undefined) => {
    const proxy = await behindProxy(world, hospital);
    try {
      const asked: string[] = [];
      proxy.before = ({ method, params }) => {
        if (method !== "eth_call") return undefined;
        asked.push(JSON.stringify(params));
        return fault(params[0] as { to?: string });
      };
      const { decisions } = await proxy.client.decideAll({ questions });
      expect(decisions).to.deep.equal((await hospital.client.decideAll({ questions })).decisions);
      return asked;
    } finally {
      await proxy.close();
    }
  };

  it("asks the node once what several need, and together what is asked at one moment", async () => {
    const asked = await callsOf(() => undefined);
    expect(asked.length).to.be.below(questions.length / 4);
    const { Consents } = hospital.client.contracts;
    const { data } = await Consents.grantOf.populateTransaction(
      ...([alice.id, clinic.id, PURPOSES.indexOf("TREAT"), hospital.id] as const),
    );
    const grant = data.slice(2);
    expect(asked.join().split(grant)).to.have.length(2);
  });

  it("asks a node that takes no constructors each by itself, and once", async () => {
    const asked = await callsOf(({ to }) =>
      to === undefined ? { error: { code: -32602, message: "missing to" } } : undefined,
    );
    expect(asked.length).to.be.above(questions.length / 2);
    expect(new Set(asked).size).to.equal(asked.length);
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
