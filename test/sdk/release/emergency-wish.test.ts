import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";

import type { ChartChainError } from "../../../src/errors/index.js";
import { EMERGENCY_WISH } from "../../../src/sdk/handover/signed/for-readers.js";
import { signMessage } from "../../../src/sdk/handover/signature.js";
import type { EmergencyWish } from "../../../src/sdk/index.js";
import { importFhirFile } from "../../../src/sdk/node/index.js";
import { bytes, expectCode, HOUR, text } from "../helpers.js";
import { everyMutationOf } from "../mutations.js";
import { type Actor, backupOf, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";

const LITHIUM = {
  resourceType: "MedicationRequest",
  status: "active",
  intent: "order",
  medicationCodeableConcept: { text: "Lithium carbonate 300 mg" },
  subject: { reference: "Patient/1" },
  encounter: { reference: "Encounter/1" },
};
const DEPRESSION = {
  resourceType: "Condition",
  code: { text: "Major depressive disorder, in psychotherapy" },
  subject: { reference: "Patient/1" },
  encounter: { reference: "Encounter/1" },
};

/** A visit to a psychiatrist, as a file. */
async function visitTo(folder: string): Promise<string> {
  const resources = [
    { resourceType: "Patient", id: "1", birthDate: "1961-04-17" },
    {
      resourceType: "Encounter",
      id: "1",
      status: "finished",
      class: { code: "AMB" },
      subject: { reference: "Patient/1" },
    },
    ...[LITHIUM, DEPRESSION],
  ];
  const path = join(folder, "visit.json");
  const bundle = { resourceType: "Bundle", type: "collection", entry: resources.map((resource) => ({ resource })) };
  await writeFile(path, JSON.stringify(bundle));
  return path;
}

describe("a wish for emergencies", () => {
  let world: Devnet;
  let clinic: Actor;
  let ambulance: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, ambulance] = await Promise.all([
      world.institution("General Hospital"),
      world.institution("Ambulance Service", ["EMERGENCY"]),
    ]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
  });

  const wish: EmergencyWish = { showSensitive: "medicines", sayThatMoreExists: true };
  const take = (file: unknown, by = clinic) => by.client.takeEmergencyWish({ file: throughJson(file) });
  const keptBy = (actor: Actor) => actor.client.emergencyWishOf({ patient: alice.id });
  const add = (category: "SUMMARY" | "SENSITIVE") =>
    clinic.client.addRecord({ patient: alice.id, category, content: bytes(category) });
  const addAs = (category: "SENSITIVE", resource: object) =>
    clinic.client.addRecord({ patient: alice.id, category, content: bytes(JSON.stringify(resource)) });
  async function admitSensitive(): Promise<void> {
    await alice.client.changeSettings({ emergencyCategories: ["SUMMARY", "SENSITIVE"] });
  }

  /** What the responder is told with the keys after breaking the glass. */
  async function toldInAnEmergency(): Promise<boolean> {
    await ambulance.client.breakGlass({ patient: alice.id, reason: "found unconscious" });
    return (await handOn(clinic, ambulance, alice.id, "ETREAT")).withheld === true;
  }

  it("is kept by the patient who signed it, and by the steward who takes it", async () => {
    expect(await keptBy(alice)).to.equal(undefined);
    const file = await alice.client.signEmergencyWish(wish);
    expect(await keptBy(alice)).to.deep.equal(wish);
    expect(await keptBy(clinic)).to.equal(undefined);
    expect(await take(file)).to.deep.equal({ patient: alice.id, ...wish });
    expect(await keptBy(clinic)).to.deep.equal(wish);
  });

  it("is replaced by a later one, and never by an earlier one", async () => {
    const first = await alice.client.signEmergencyWish(wish);
    await world.increaseTime(HOUR);
    const second = await alice.client.signEmergencyWish({ showSensitive: "nothing", sayThatMoreExists: false });
    await take(second);
    expect(await take(first)).to.deep.include({ showSensitive: "nothing", sayThatMoreExists: false });
    expect(await keptBy(alice)).to.deep.equal({ showSensitive: "nothing", sayThatMoreExists: false });
  });

  it("counts for who signed it alone, and not when a word of it was altered", async () => {
    const file = throughJson(await alice.client.signEmergencyWish(wish));
    for (const { path, file: altered } of everyMutationOf(file)) {
      const code = await take(altered).then(
        () => "taken",
        (error: ChartChainError) => error.code,
      );
      expect(code, path).to.match(/^HANDOVER_/);
    }
    const bob = await world.patient(`bob ${patients}`);
    await expectCode(
      "HANDOVER_ALTERED",
      take({ ...(await bob.client.signEmergencyWish(wish)), message: file.message }),
    );
    expect(await keptBy(clinic)).to.equal(undefined);
  });

  it("says one of the words that there are", async () => {
    const unknown = { showSensitive: "everything", sayThatMoreExists: true };
    for (const [lacking, details] of [
      [unknown, { showSensitive: "everything" }],
      [{}, { showSensitive: undefined }],
      [{ showSensitive: "all" }, { sayThatMoreExists: undefined }],
      [{ ...wish, sayThatMoreExists: "no" }, { sayThatMoreExists: "no" }],
    ]) {
      const error = await expectCode("ARGUMENT_INVALID", alice.client.signEmergencyWish(lacking as never));
      expect(error.details).to.deep.equal(details);
    }
    expect(await keptBy(alice)).to.equal(undefined);
    const message = { patient: alice.id, ...unknown, signedAt: await world.now() };
    const signed = await signMessage(alice.client, EMERGENCY_WISH, message);
    await expectCode("HANDOVER_MALFORMED", take({ ...(await alice.client.signEmergencyWish(wish)), ...signed }));
    expect(await keptBy(clinic)).to.equal(undefined);
  });

  it("has a responder told that there is more, where the patient lets it and there is", async () => {
    await add("SUMMARY");
    await add("SENSITIVE");
    await take(await alice.client.signEmergencyWish(wish));
    expect(await toldInAnEmergency()).to.equal(true);
  });

  it("has nobody told otherwise", async () => {
    await add("SUMMARY");
    await add("SENSITIVE");
    expect(await toldInAnEmergency(), "no wish").to.equal(false);

    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
    await add("SUMMARY");
    await take(await alice.client.signEmergencyWish(wish));
    expect(await toldInAnEmergency(), "nothing sensitive").to.equal(false);

    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
    await add("SUMMARY");
    await add("SENSITIVE");
    await take(await alice.client.signEmergencyWish({ ...wish, sayThatMoreExists: false }));
    expect(await toldInAnEmergency(), "the patient doesn't want it").to.equal(false);
  });

  it("has nobody told who has a grant for emergencies and broke no glass, nor whose glass is over", async () => {
    await add("SUMMARY");
    await add("SENSITIVE");
    await take(await alice.client.signEmergencyWish(wish));
    const until = (await world.now()) + 100 * HOUR;
    await alice.client.grantAccess({ viewer: ambulance.id, categories: ["SUMMARY"], purpose: "ETREAT", until });
    const told = async () => (await handOn(clinic, ambulance, alice.id, "ETREAT")).withheld === true;
    expect(await told(), "a grant alone").to.equal(false);
    expect(await toldInAnEmergency(), "beside a broken glass").to.equal(true);
    await world.increaseTime(5 * HOUR);
    expect(await told(), "once that is over").to.equal(false);
    await alice.client.changeSettings({ emergencyCategories: [] });
    await expectCode("OPTED_OUT", toldInAnEmergency());
    expect(await told(), "opted out").to.equal(false);
  });

  it("has nobody told where the responder sees everything", async () => {
    await admitSensitive();
    await add("SUMMARY");
    await addAs("SENSITIVE", LITHIUM);
    await take(await alice.client.signEmergencyWish(wish));
    expect(await toldInAnEmergency()).to.equal(false);
  });

  const read = async (digest: string) =>
    ambulance.client.openRecord({ digest, purpose: "ETREAT" }).then(
      ({ content }) => text(content),
      (error: ChartChainError) => error.code,
    );

  describe("to show all", () => {
    const all = { showSensitive: "all", sayThatMoreExists: true } as const;

    it("gives a responder whatever is SENSITIVE, and no compartment's key", async () => {
      await admitSensitive();
      await add("SUMMARY");
      const digests = [];
      for (const record of [LITHIUM, DEPRESSION, { ...LITHIUM, contained: [DEPRESSION] }]) {
        digests.push((await addAs("SENSITIVE", record)).digest);
      }
      await take(await alice.client.signEmergencyWish(all));
      expect(await toldInAnEmergency(), "there is no more").to.equal(false);
      for (const digest of digests) expect(await read(digest)).to.include("Patient/1");
      expect(await ambulance.client.listKeys({ patient: alice.id })).to.deep.equal([]);
    });

    it("gives none where the patient's settings don't admit SENSITIVE, or don't any more", async () => {
      await add("SUMMARY");
      const { digest } = await addAs("SENSITIVE", DEPRESSION);
      await take(await alice.client.signEmergencyWish(all));
      expect(await toldInAnEmergency()).to.equal(true);
      expect(await read(digest)).to.equal("RECORD_UNKNOWN");

      alice = await world.patient(`alice ${++patients}`);
      await relate(clinic, alice);
      await admitSensitive();
      await add("SUMMARY");
      const second = await addAs("SENSITIVE", DEPRESSION);
      await take(await alice.client.signEmergencyWish(all));
      await toldInAnEmergency();
      expect(await read(second.digest)).to.include("psychotherapy");
      await alice.client.changeSettings({ emergencyCategories: ["SUMMARY"] });
      expect(await read(second.digest)).to.equal("CONSENT_DENIED");
    });

    it("gives none of it any more when the account that signed the wish acts no more", async () => {
      await admitSensitive();
      await add("SUMMARY");
      const { digest } = await addAs("SENSITIVE", DEPRESSION);
      await take(await alice.client.signEmergencyWish(all));
      const phone = await world.actor(`phone ${patients}`, { backup: await backupOf(alice) });
      const joining = throughJson(await phone.client.signJoining({ participant: alice.id, lifetime: HOUR }));
      await alice.client.addAccount({ file: joining });
      await world.increaseTime(HOUR);
      await take(await phone.client.signEmergencyWish(all));
      expect(await clinic.client.emergencyWishOf({ patient: alice.id })).to.deep.equal(all);
      await alice.client.retireAccount({ account: phone.wallet.address });
      await world.increaseTime(31 * 24 * HOUR);
      expect(await clinic.client.emergencyWishOf({ patient: alice.id })).to.equal(undefined);
      await toldInAnEmergency();
      expect(await read(digest)).to.equal("RECORD_UNKNOWN");
    });

    it("gives none of it once a later wish says less, nor by a wish of somebody else", async () => {
      await admitSensitive();
      await add("SUMMARY");
      const { digest } = await addAs("SENSITIVE", DEPRESSION);
      const bob = await world.patient(`bob ${patients}`);
      await take(await bob.client.signEmergencyWish(all));
      const first = await alice.client.signEmergencyWish(all);
      await world.increaseTime(HOUR);
      await take(await alice.client.signEmergencyWish(wish));
      await take(first);
      await toldInAnEmergency();
      expect(await read(digest)).to.equal("RECORD_UNKNOWN");
    });
  });

  describe("to show medicines", () => {
    it("gives a responder the lithium of a visit, and not what else was said there", async () => {
      await admitSensitive();
      const { records } = await importFhirFile(clinic.client, { patient: alice.id, path: await visitTo(world.folder) });
      expect(records.map(({ category }) => category).sort()).to.deep.equal([
        "CARE",
        "SENSITIVE",
        "SENSITIVE",
        "SUMMARY",
      ]);
      await take(await alice.client.signEmergencyWish(wish));
      expect(await toldInAnEmergency(), "that there is more").to.equal(true);
      const opened = await Promise.all(records.map(({ digest }) => read(digest)));
      expect(opened.filter((said) => said.includes("MedicationRequest"))).to.have.length(1);
      expect(opened.filter((said) => said === "RECORD_UNKNOWN")).to.have.length(2);
      expect(opened.join()).not.to.include("psychotherapy");
    });

    for (const [what, arrange] of [
      ["where the steward holds no wish", admitSensitive],
      [
        "where the patient wishes otherwise",
        async () => {
          await admitSensitive();
          await take(await alice.client.signEmergencyWish({ ...wish, showSensitive: "nothing" }));
        },
      ],
      [
        "where the patient's settings don't admit SENSITIVE",
        async () => {
          await take(await alice.client.signEmergencyWish(wish));
        },
      ],
    ] as const) {
      it(`gives none ${what}`, async () => {
        await arrange();
        await add("SUMMARY");
        const { digest } = await addAs("SENSITIVE", LITHIUM);
        await toldInAnEmergency();
        expect(await read(digest)).to.equal("RECORD_UNKNOWN");
      });
    }

    it("gives none together with anything else, also contained in it", async () => {
      await admitSensitive();
      await add("SUMMARY");
      const records = [
        { resourceType: "Bundle", type: "collection", entry: [{ resource: LITHIUM }, { resource: DEPRESSION }] },
        { ...LITHIUM, contained: [DEPRESSION] },
        DEPRESSION,
      ];
      const digests = [];
      for (const record of records) digests.push((await addAs("SENSITIVE", record)).digest);
      await take(await alice.client.signEmergencyWish(wish));
      await toldInAnEmergency();
      for (const digest of digests) expect(await read(digest)).to.equal("RECORD_UNKNOWN");
    });

    it("gives none of what a constraint admits that narrows another category's grant", async () => {
      await admitSensitive();
      const summary = await add("SUMMARY");
      const { digest } = await addAs("SENSITIVE", DEPRESSION);
      await take(await alice.client.signEmergencyWish(wish));
      const word = { viewer: ambulance.id, purpose: "ETREAT", steward: clinic.id } as const;
      const grant = async (categories: readonly ("SUMMARY" | "SENSITIVE")[]) => {
        const constraint = { records: [summary.digest, digest] };
        await alice.client.grantAccess({ ...word, categories, until: (await world.now()) + HOUR, constraint });
        const file = throughJson(await alice.client.releaseConstraint({ ...word, to: clinic.id }));
        await clinic.client.takeConstraint({ file });
      };
      await grant(["SUMMARY"]);
      await toldInAnEmergency();
      expect(await read(summary.digest)).to.equal("SUMMARY");
      expect(await read(digest)).to.equal("RECORD_UNKNOWN");
      await grant(["SUMMARY", "SENSITIVE"]);
      await handOn(clinic, ambulance, alice.id, "ETREAT");
      expect(await read(digest), "granted").to.include("psychotherapy");
    });

    it("is carried out by the patient's own device, too", async () => {
      await admitSensitive();
      const { digest } = await addAs("SENSITIVE", LITHIUM);
      await handOn(clinic, alice, alice.id);
      await alice.client.signEmergencyWish(wish);
      await ambulance.client.breakGlass({ patient: alice.id, reason: "found unconscious" });
      await handOn(alice, ambulance, alice.id, "ETREAT");
      expect(await read(digest)).to.include("Lithium");
    });
  });
});
