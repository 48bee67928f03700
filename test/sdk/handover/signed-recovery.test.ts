import { expect } from "chai";

import type { GuardiansFile, SignedActionFile } from "../../../src/sdk/index.js";
import { expectCode, HOUR } from "../helpers.js";
import { type Actor, backupOf, createDevnet, type Devnet, throughJson } from "../../../devnet/index.js";
import { countOnce } from "./table.js";

const DAY = 24 * HOUR;

describe("a signed step of a recovery", () => {
  let world: Devnet;
  let clinic: Actor;
  let dora: Actor;
  let again: Actor;
  let guardians: Actor[];
  let file: GuardiansFile;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    // None of them ever has any ether.
    const poor = async (name: string) => {
      const actor = await world.actor(name, { ether: false });
      await clinic.client.relay({ file: await actor.client.signRegisterPatient() });
      actor.id = await actor.client.ownId();
      return actor;
    };
    dora = await poor("dora");
    guardians = [await poor("bob"), await poor("carol"), await poor("erin")];
    const members = guardians.map(({ id }) => id);
    const chosen = await dora.client.signSetGuardians({ members, threshold: 2, delay: DAY });
    await clinic.client.relay({ file: chosen.action });
    file = throughJson(chosen.file);
    again = await world.actor("dora again", { ether: false, backup: await backupOf(dora) });
  });
  after(() => world.close());

  const recovery = () => clinic.client.recoveryOf({ participant: dora.id, starter: guardians[0]!.id });
  const asked = () => ({ file, newAccount: again.wallet.address });
  // The guardians' file travels along unsigned; the contract compares its digest.
  const refusal = /^(HANDOVER_\w+|GUARDIANS_MISMATCH)$/;

  countOnce(() => ({ world, relayer: clinic }), {
    "its start": {
      sign: () => guardians[0]!.client.signStartRecovery(asked()),
      async check() {
        const { stage, approvals, newAccount, number } = await recovery();
        expect([stage, approvals, newAccount, number]).to.deep.equal(["Collecting", 1, again.wallet.address, 1]);
      },
      replay: "INVALID_SIGNATURE",
      refusal,
    },
    "an approval": {
      sign: () => guardians[1]!.client.signApproveRecovery(asked()),
      check: async () => void expect(await recovery()).to.deep.include({ stage: "Pending", approvals: 2 }),
      replay: "ALREADY_APPROVED",
      refusal,
    },
    "a veto": {
      sign: () => dora.client.signVetoRecovery(),
      check: async () => void expect(await recovery()).to.deep.include({ stage: "Escalated", approvals: 2 }),
      replay: "NOT_VETOABLE",
      refusal,
    },
    "an approval in spite of the veto": {
      sign: () => guardians[2]!.client.signApproveRecovery(asked()),
      check: async () => void expect(await recovery()).to.deep.include({ stage: "Unstoppable", approvals: 3 }),
      replay: "ALREADY_APPROVED",
      refusal,
    },
    "its execution": {
      async sign() {
        const early = await again.client.signExecuteRecovery({ file });
        await expectCode("RECOVERY_TOO_EARLY", clinic.client.relay({ file: early }));
        await world.increaseTime(2 * DAY + 60);
        return again.client.signExecuteRecovery({ file });
      },
      async check() {
        expect(await again.client.ownId()).to.equal(dora.id);
        await expectCode("ACCOUNT_RETIRED", dora.client.ownId());
      },
      replay: "NO_RECOVERY_PENDING",
      refusal,
    },
  });

  it("was paid for by others throughout", async () => {
    for (const { wallet } of [dora, again, ...guardians]) {
      expect(await world.provider.getBalance(wallet.address)).to.equal(0n);
      expect(await world.provider.getTransactionCount(wallet.address)).to.equal(0);
    }
  });

  it("has the guardians, whose digest is the person's", async () => {
    const start = await guardians[0]!.client.signStartRecovery(asked());
    const relay = (changed: Partial<SignedActionFile>) => clinic.client.relay({ file: { ...start, ...changed } });
    const { guardians: disclosed, ...without } = start;
    await expectCode("HANDOVER_MALFORMED", clinic.client.relay({ file: without }));
    await expectCode(
      "HANDOVER_MALFORMED",
      relay({ guardians: { ...disclosed!, members: Array(17).fill(1) as number[] } }),
    );
    const other = { ...disclosed!, threshold: 1 };
    await expectCode("GUARDIANS_MISMATCH", relay({ guardians: other }));
    const strange = await guardians[0]!.client.signStartRecovery({ ...asked(), file: { ...file, guardians: other } });
    await expectCode("GUARDIANS_MISMATCH", clinic.client.relay({ file: strange }));
  });
});
