import { expect } from "chai";

import { EVERY_STEWARD } from "../../../src/sdk/index.js";
import { expectCode, HOUR, inFuture } from "../helpers.js";
import { type Actor, createDevnet, type Devnet, relate, throughJson } from "../../../devnet/index.js";
import { countOnce } from "./table.js";

describe("a signed change by a person", () => {
  let world: Devnet;
  let clinic: Actor;
  let dora: Actor;
  let phone: Actor;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    // Neither of the two accounts ever has any ether.
    dora = await world.actor("dora", { ether: false });
    phone = await world.actor("dora's phone", { ether: false });
    await clinic.client.relay({ file: await dora.client.signRegisterPatient() });
    dora.id = await dora.client.ownId();
  });
  after(() => world.close());

  const retiresAt = async () => (await clinic.client.contracts.Registrar.accountOf(phone.wallet.address)).retiresAt;
  const joining = async () => throughJson(await phone.client.signJoining({ participant: dora.id }));
  const scope = () => ({ viewer: clinic.id, purpose: "TREAT" as const });
  const grants = async () => [
    { ...scope(), categories: ["CARE"] as const, until: await inFuture(world, HOUR) },
    { ...scope(), categories: ["SENSITIVE"] as const, steward: dora.id, until: await inFuture(world, 2 * HOUR) },
  ];
  const canView = (category: "CARE" | "SENSITIVE") =>
    clinic.client.canView({ patient: dora.id, steward: dora.id, viewer: clinic.id, category, purpose: "TREAT" });
  let former: string;

  countOnce(() => ({ world, relayer: clinic }), {
    "the addition of an account": {
      sign: async () => dora.client.signAddAccount({ file: await joining() }),
      check: async () => void expect(await phone.client.ownId()).to.equal(dora.id),
      replay: "ALREADY_REGISTERED",
    },
    "the retirement of an account": {
      sign: () => dora.client.signRetireAccount({ account: phone.wallet.address }),
      check: async () => void expect(await retiresAt()).to.be.greaterThan(0n),
      replay: "INVALID_SIGNATURE",
    },
    "the word that an account stays": {
      // The one that was to retire may say so, too.
      sign: () => phone.client.signKeepAccount({ account: phone.wallet.address }),
      check: async () => void expect(await retiresAt()).to.equal(0n),
      replay: "INVALID_SIGNATURE",
    },
    "a change of keys": {
      sign: () => dora.client.signChangeKey(),
      async check() {
        const change = await clinic.client.keyChangeOf({ participant: dora.id });
        expect(change!.from).to.be.greaterThan(await inFuture(world, 47 * HOUR));
      },
      replay: "KEY_CHANGE_UNDER_WAY",
    },
    "a change of keys that is called off": {
      sign: () => dora.client.signCancelKeyChange(),
      check: async () => void expect(await clinic.client.keyChangeOf({ participant: dora.id })).to.equal(undefined),
      replay: "INVALID_SIGNATURE",
    },
    "a change of settings": {
      sign: () => dora.client.signChangeSettings({ refuseUnknownProviders: true, longestGrant: 90 }),
      async check() {
        expect(await clinic.client.settingsOf({ patient: dora.id })).to.deep.equal({
          refuseUnknownProviders: true,
          longestGrant: 90,
          emergencyCategories: ["SUMMARY", "MEDICATION"],
        });
      },
      replay: "INVALID_SIGNATURE",
    },
    "a choice of guardians": {
      async sign() {
        former = await clinic.client.contracts.Registrar.guardiansOf(dora.id);
        const { action } = await dora.client.signSetGuardians({ members: await people(), threshold: 2 });
        return action;
      },
      check: async () => void expect(await clinic.client.contracts.Registrar.guardiansOf(dora.id)).not.to.equal(former),
      replay: "INVALID_SIGNATURE",
    },
    "several grants at once": {
      sign: async () => dora.client.signChangeConsents({ grants: await grants() }),
      async check() {
        expect(await Promise.all([canView("CARE"), canView("SENSITIVE")])).to.deep.equal([true, true]);
      },
      replay: "INVALID_SIGNATURE",
    },
    "several revocations and a grant at once": {
      async sign() {
        const [first, second] = await grants();
        const revocations = [
          { ...scope(), steward: dora.id },
          { ...scope(), categories: ["CARE"] as const },
        ];
        return dora.client.signChangeConsents({ revocations, grants: [{ ...second!, categories: first!.categories }] });
      },
      async check() {
        expect(await Promise.all([canView("CARE"), canView("SENSITIVE")])).to.deep.equal([true, false]);
      },
      replay: "INVALID_SIGNATURE",
    },
    "a cancellation of signatures": {
      sign: () => dora.client.signCancelSignatures(),
      check: async () => void expect(await canView("CARE"), "what was granted stays").to.equal(true),
      replay: "INVALID_SIGNATURE",
    },
  });

  async function people(): Promise<number[]> {
    const made = await Promise.all(["bob", "carol", "erin"].map((name) => world.patient(name)));
    return made.map(({ id }) => id);
  }

  it("was paid for by others throughout", async () => {
    for (const { wallet } of [dora, phone]) {
      expect(await world.provider.getBalance(wallet.address)).to.equal(0n);
      expect(await world.provider.getTransactionCount(wallet.address)).to.equal(0);
    }
  });

  it("that was kept back is dead once signatures are cancelled, and after each change that cancels them", async () => {
    const alice = await world.patient("alice");
    await relate(clinic, alice);
    const cancelling: Record<string, () => Promise<unknown>> = {
      cancelSignatures: () => alice.client.cancelSignatures(),
      changeSettings: () => alice.client.changeSettings({ longestGrant: 100 }),
      setGuardians: async () => alice.client.setGuardians({ members: [clinic.id, dora.id], threshold: 1 }),
      retireAccount: () => alice.client.retireAccount({ account: alice.wallet.address }),
      keepAccount: () => alice.client.keepAccount({ account: alice.wallet.address }),
      "revokeAccess of everything": () => alice.client.revokeAccess({ everyone: true }),
    };
    for (const [what, cancel] of Object.entries(cancelling)) {
      const until = await inFuture(world, HOUR);
      const grant = { viewer: dora.id, categories: ["CARE"], purpose: "TREAT", until } as const;
      const delegate = await inFuture(world, HOUR);
      const kept = [
        await alice.client.signGrantAccess(grant),
        await alice.client.signChangeConsents({ grants: [grant] }),
        await alice.client.signAppointDelegate({ delegate: dora.id, view: ["CARE"], until: delegate }),
        await alice.client.signChangeKey(),
        await alice.client.signChangeSettings({ longestGrant: 0 }),
        (await alice.client.signSetGuardians({ members: [clinic.id, dora.id], threshold: 1 })).action,
        await alice.client.signRetireAccount({ account: alice.wallet.address }),
      ];
      await cancel();
      for (const file of kept) {
        const error = await expectCode("INVALID_SIGNATURE", clinic.client.relay({ file: throughJson(file) }));
        expect(error.hint, `${file.action} after ${what}`).to.be.a("string");
      }
    }
    expect(await alice.client.listDelegates({ patient: alice.id })).to.deep.equal([]);
  });

  it("of several changes can't be shortened, and can't be of none", async () => {
    const file = await dora.client.signChangeConsents({
      revocations: [{ ...scope(), steward: EVERY_STEWARD }],
      grants: await grants(),
    });
    const without = { ...file, message: { ...file.message, revocations: [] } };
    await expectCode("HANDOVER_ALTERED", clinic.client.relay({ file: without }));
    await expectCode("MISSING_CHANGES", clinic.client.relay({ file: await dora.client.signChangeConsents({}) }));
  });

  it("has the attachments of its kind, and no other", async () => {
    const { joining: added, ...alone } = await dora.client.signAddAccount({
      file: await (await world.actor("tablet")).client.signJoining({ participant: dora.id }),
    });
    await expectCode("HANDOVER_MALFORMED", clinic.client.relay({ file: alone }));
    const cancelling = await dora.client.signCancelSignatures();
    for (const extra of [{ joining: added }, { attestation: added }, { offer: added }]) {
      await expectCode("HANDOVER_MALFORMED", clinic.client.relay({ file: { ...cancelling, ...extra } }));
    }
    const guardians = { members: [1, 2], threshold: 1, delay: 24 * HOUR, salt: `0x${"11".repeat(32)}` };
    const guarded = { ...cancelling, guardians };
    await expectCode("HANDOVER_MALFORMED", clinic.client.relay({ file: guarded }));
  });
});
