import { expect } from "chai";

import { identitySalt } from "../../../../src/sdk/index.js";
import type { DepositProofFile } from "../../../../src/sdk/modules/data-bank/index.js";
import { allowDeposits, attested, CHART, DAY, openAccount, toSeason, write } from "../../bank.js";
import { bytes, expectCode, inFuture, outcomeOf } from "../../helpers.js";
import { everyMutationOf } from "../../mutations.js";
import { type Actor, createDevnet, type Devnet, relate, throughJson } from "../../../../devnet/index.js";

/** One story, told in the order of the seasons: the chain's clock only goes forward. */
describe("the Data Bank", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let bob: Actor;
  let dora: Actor;
  let proofs: DepositProofFile[];
  let ownRecord: string;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    [alice, bob] = [await world.patient("alice"), await world.patient("bob")];
    // Never has any ether.
    dora = await world.actor("dora", { ether: false });
    await clinic.client.relay({ file: await dora.client.signRegisterPatient() });
    dora.id = await dora.client.ownId();
    await relate(clinic, alice);
    await relate(clinic, bob);
    const offer = throughJson(await clinic.client.offerRelationship({ patient: dora.id }));
    await clinic.client.relay({ file: throughJson(await dora.client.signAcceptOffer({ offer })) });
  });
  after(() => world.close());

  const proofOf = (patient: Actor) => proofs.find((proof) => proof.patient === patient.id)!;
  const account = async (patient: Actor) => (await patient.client.bankAccountOf())!;
  const relayed = (file: unknown) => clinic.client.relay({ file: throughJson(file) });

  describe("an account", () => {
    it("is the patient's whom a licensed provider attested, once", async () => {
      const claim = await attested(clinic, alice);
      expect(await alice.client.bankAccountOf()).to.equal(undefined);
      const { events } = await alice.client.openBankAccount(claim);
      expect(events["AccountOpened"]).to.deep.include({ patient: BigInt(alice.id), issuer: BigInt(clinic.id) });
      expect(await clinic.client.bankAccountOf({ patient: alice.id })).to.deep.equal({
        patient: alice.id,
        available: 0n,
        locked: 0n,
        vestedAt: 0,
      });
      await expectCode("ACCOUNT_ALREADY_OPEN", alice.client.openBankAccount(claim));
      await expectCode("IDENTITY_NOT_ATTESTED", bob.client.openBankAccount(claim));
      await expectCode("IDENTITY_NOT_ATTESTED", alice.client.openBankAccount({ ...claim, salt: identitySalt() }));
      await expectCode("NOT_A_PERSON", clinic.client.openBankAccount(claim));
    });

    it("is opened for who has no ether by a signature", async () => {
      await openAccount(clinic, dora);
      expect((await account(dora)).available).to.equal(0n);
      const again = await dora.client.signOpenBankAccount(await attested(clinic, dora));
      await expectCode("ACCOUNT_ALREADY_OPEN", relayed(again));
    });

    it("is not opened by an issuer whose licence isn't live", async () => {
      const carol = await world.patient("carol");
      const lab = await world.institution("Laboratory");
      const claim = await attested(lab, carol);
      await world.authority.suspendInstitution({ institution: lab.id });
      await expectCode("ISSUER_NOT_LICENSED", carol.client.openBankAccount(claim));
    });
  });

  describe("a steward's budget and bond", () => {
    it("are set by the authority after its delay, and posted by anybody", async () => {
      await expectCode("BUDGET_TOO_LARGE", world.authority.setDepositBudget({ steward: clinic.id, budget: 1_000_001 }));
      await expectCode("UNKNOWN_PARTICIPANT", world.authority.setDepositBudget({ steward: 999, budget: 1 }));
      const attempt = clinic.client.setDepositBudget({ steward: clinic.id, budget: 1 });
      await expectCode("ACCESS_MANAGER_UNAUTHORIZED_CALL", attempt);
      expect(await clinic.client.bankStewardOf()).to.deep.equal({
        ...{ steward: clinic.id, budget: 0, bond: 0n, bondFreeAt: 0, exposed: 0, allowed: 0 },
        ...{ season: undefined, confirmed: 0, batchSent: false },
      });
      await allowDeposits(world, clinic, 10);
      expect(await alice.client.bankStewardOf({ steward: clinic.id })).to.deep.include({ budget: 10, allowed: 10 });
      await alice.client.postBond({ steward: clinic.id, amount: 5n * 10n ** 14n });
      expect(await clinic.client.bankStewardOf()).to.deep.include({ bond: 15n * 10n ** 14n, allowed: 10 });
      await expectCode("NO_FUNDS", clinic.client.postBond({ amount: 10n ** 24n }));
    });

    it("count for nothing while the bond is asked for", async () => {
      await expectCode("BOND_NOT_RELEASING", clinic.client.keepBond());
      await expectCode("BOND_NOT_FREE", clinic.client.withdrawBond());
      await clinic.client.releaseBond();
      const releasing = await clinic.client.bankStewardOf();
      expect(releasing.allowed).to.equal(0);
      expect(releasing.bondFreeAt).to.be.greaterThan(await inFuture(world, 419 * DAY));
      await expectCode("BOND_NOT_FREE", clinic.client.withdrawBond());
      await clinic.client.keepBond();
      expect(await clinic.client.bankStewardOf()).to.deep.include({ allowed: 10, bondFreeAt: 0 });
    });
  });

  describe("a season", () => {
    it("is confirmed in the next one, for each patient with an account once", async () => {
      const season = await clinic.client.seasonOf();
      expect(season).to.deep.include({ season: 0, deposits: 0, emission: 10_000_000n * CHART, interest: 0n });
      expect(season.endsAt - season.startsAt).to.equal(30 * DAY);
      await write(clinic, alice);
      await write(clinic, alice, "CARE");
      await write(clinic, dora);
      await write(clinic, bob);
      ownRecord = (await alice.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("steps") }))
        .digest;
      await expectCode("NO_SEASON_TO_CONFIRM", clinic.client.confirmSeason());
      await expectCode(
        "NO_SEASON_TO_CONFIRM",
        clinic.client.stateDeposit({ patient: alice.id, recordDigest: ownRecord }),
      );
      await toSeason(world, 1);
      await expectCode("SEASON_NOT_CONFIRMABLE", clinic.client.confirmSeason({ season: 1 }));
      await expectCode("BATCH_UNKNOWN", clinic.client.depositProofs({ season: 0 }));
      const confirmed = await clinic.client.confirmSeason({ season: 0 });
      expect(confirmed).to.deep.include({ season: 0, count: 2, withoutAccount: [bob.id] });
      ({ proofs } = confirmed);
      expect(proofs.map(({ patient }) => patient)).to.deep.equal([alice.id, dora.id]);
      expect(await clinic.client.bankStewardOf()).to.deep.include({ season: 0, confirmed: 2, batchSent: true });
      expect(await clinic.client.seasonOf({ season: 0 })).to.deep.include({ deposits: 2, interest: 100n * CHART });
      await expectCode("BATCH_ALREADY_CONFIRMED", clinic.client.confirmSeason());
    });

    it("has proofs that are made again from the chain, also after accounts were opened since", async () => {
      await openAccount(clinic, bob);
      expect(await clinic.client.depositProofs({ season: 0 })).to.deep.equal(proofs);
      clinic.vault.settings.delete("deposit-batch:0");
      expect(await clinic.client.depositProofs({ season: 0 }), "from a vault that was restored").to.deep.equal(proofs);
    });

    it("takes statements for what is in no batch, until it is over", async () => {
      const late = { patient: bob.id, recordDigest: ownRecord };
      await expectCode("RECORD_NOT_IN_SEASON", clinic.client.stateDeposit(late));
      const [record] = await clinic.client.listRecords({ patient: bob.id });
      const file = await clinic.client.stateDeposit({ patient: bob.id, recordDigest: record!.digest });
      await alice.client.relay({ file: throughJson(file) });
      await expectCode("DEPOSIT_ALREADY_CONFIRMED", alice.client.relay({ file: throughJson(file) }));
      expect((await clinic.client.bankStewardOf()).confirmed).to.equal(3);
      // The patient's own record, which the steward answers for; alice is in the batch as well, and is paid once.
      await relayed(await clinic.client.stateDeposit({ patient: alice.id, recordDigest: ownRecord }));
      const unused = await clinic.client.stateDeposit({ patient: dora.id, recordDigest: await digestOf(dora) });
      await toSeason(world, 2);
      await expectCode("HANDOVER_EXPIRED", relayed(unused));
    });

    it("takes no statement for who has no account, nor from who isn't a licensed provider", async () => {
      const erin = await world.patient("erin");
      await relate(clinic, erin);
      const { digest } = await write(clinic, erin);
      await write(clinic, alice);
      await toSeason(world, 3);
      const file = await clinic.client.stateDeposit({ patient: erin.id, recordDigest: digest });
      await expectCode("NO_ACCOUNT", relayed(file));
      const others = await clinic.client.listRecords({ patient: alice.id });
      const own = await bob.client
        .stateDeposit({ patient: alice.id, recordDigest: others.at(-1)!.digest })
        .catch((error: unknown) => error);
      expect(own, "bob neither wrote it nor is alice").to.have.property("code", "RECORD_NOT_IN_SEASON");
    });

    it("is confirmed no further than budget and bond reach", async () => {
      const onWait = () => void world.increaseTime(2);
      await world.authority.setDepositBudget({ steward: clinic.id, budget: 0, onWait });
      await expectCode("BUDGET_EXCEEDED", clinic.client.confirmSeason());
      await world.authority.setDepositBudget({ steward: clinic.id, budget: 10, onWait });
      const lab = await world.institution("Clinic without records");
      await expectCode("EMPTY_BATCH", lab.client.confirmSeason());
      await world.authority.suspendInstitution({ institution: clinic.id });
      await expectCode("NOT_A_LICENSED_PROVIDER", clinic.client.confirmSeason());
      const reinstated = world.authority.reinstateInstitution({ institution: clinic.id });
      await world.increaseTime(2);
      await reinstated;
      expect((await clinic.client.confirmSeason()).count).to.equal(1);
    });

    const digestOf = async (patient: Actor) => (await clinic.client.listRecords({ patient: patient.id }))[0]!.digest;
  });

  describe("a proof", () => {
    it("is the patient's alone, and refused with any field altered", async () => {
      await expectCode("PROOF_FOR_SOMEBODY_ELSE", bob.client.takeDepositProof({ file: proofOf(alice) }));
      const file = throughJson(proofOf(alice));
      for (const { path, file: altered } of everyMutationOf(file)) {
        const outcome = await outcomeOf(alice.client.takeDepositProof({ file: altered }));
        expect(outcome, path).to.match(/^HANDOVER_|^PROOF_FOR_SOMEBODY_ELSE$/);
      }
      expect(await alice.client.takeDepositProof({ file })).to.deep.equal(file);
      await dora.client.takeDepositProof({ file: throughJson(proofOf(dora)) });
    });
  });

  describe("interest", () => {
    it("is listed, and claimed once, from the third season on", async () => {
      const listed = await alice.client.listClaimable();
      expect(listed.map(({ season, confirmed, claimable }) => ({ season, confirmed, claimable }))).to.deep.equal([
        { season: 0, confirmed: "stated", claimable: true },
      ]);
      expect(await dora.client.listClaimable()).to.deep.include.members([
        {
          ...{ steward: clinic.id, season: 0, confirmed: "batch", claimable: true, interest: 100n * CHART },
          from: (await clinic.client.seasonOf({ season: 3 })).startsAt,
          until: (await clinic.client.seasonOf({ season: 8 })).endsAt,
        },
      ]);
      const claim = { steward: clinic.id, season: 0 };
      await alice.client.claimInterest(claim);
      await expectCode("ALREADY_CLAIMED", alice.client.claimInterest(claim));
      expect(await alice.client.listClaimable()).to.deep.equal([]);
      const after = await account(alice);
      expect(after.locked).to.equal(100n * CHART);
      expect(after.vestedAt).to.be.greaterThan(await inFuture(world, 179 * DAY));
      await expectCode("TOO_EARLY_TO_CLAIM", alice.client.claimInterest({ steward: clinic.id, season: 2 }));
      await expectCode("NOT_CONFIRMED", alice.client.claimInterest({ steward: bob.id, season: 0 }));
      const erin = await world.patient("erin 2");
      await expectCode("NO_ACCOUNT", erin.client.claimInterest(claim));
    });

    it("is claimed by a signature with the proof in the file, which can't be altered", async () => {
      const file = throughJson(await dora.client.signClaimInterest({ steward: clinic.id, season: 0 }));
      expect(file.proof).to.deep.equal(proofOf(dora).proof);
      for (const { path, file: altered } of everyMutationOf(file)) {
        const outcome = await outcomeOf(clinic.client.relay({ file: altered }));
        expect(outcome, path).to.match(/^HANDOVER_|^NOT_CONFIRMED$/);
      }
      await clinic.client.relay({ file });
      expect((await account(dora)).locked).to.equal(100n * CHART);
      await expectCode("ALREADY_CLAIMED", clinic.client.relay({ file }));
    });

    it("of a deposit that the authority struck is lost, and the steward pays", async () => {
      const strike = { patient: bob.id, steward: clinic.id, season: 0 };
      await expectCode("NOT_CONFIRMED", world.authority.strikeDeposit({ ...strike, patient: 999 }));
      await expectCode("ACCESS_MANAGER_UNAUTHORIZED_CALL", alice.client.strikeDeposit(strike));
      const { bond } = await clinic.client.bankStewardOf();
      const onWait = () => void world.increaseTime(2);
      await world.authority.strikeDeposit({ ...strike, onWait });
      await expectCode("DEPOSIT_IS_STRUCK", world.authority.strikeDeposit(strike));
      await expectCode("DEPOSIT_IS_STRUCK", bob.client.claimInterest(strike));
      expect(await bob.client.listClaimable()).to.deep.equal([]);
      expect((await clinic.client.bankStewardOf()).bond, "all that there was").to.equal(0n);
      expect(bond).to.be.greaterThan(0n);
      // Of what was claimed, what hasn't vested is taken back.
      await world.authority.strikeDeposit({ patient: dora.id, steward: clinic.id, season: 0, onWait });
      expect((await account(dora)).locked).to.equal(0n);
    });

    it("vests, and is withdrawn as tokens: no more than has vested", async () => {
      await expectCode("NO_ACCOUNT", (await world.patient("erin 3")).client.withdrawInterest());
      await world.increaseTime(90 * DAY);
      const { available, locked } = await account(alice);
      expect(available).to.be.greaterThan(49n * CHART);
      expect(available + locked).to.equal(100n * CHART);
      await expectCode("NOT_VESTED", alice.client.withdrawInterest({ amount: 60n * CHART }));
      await expectCode("NOT_VESTED", alice.client.withdrawInterest({ amount: 0n }));
      await alice.client.withdrawInterest({ amount: 5n * CHART, to: bob.wallet.address });
      expect(await bob.client.tokenBalanceOf()).to.equal(5n * CHART);
      await alice.client.withdrawInterest();
      const balance = await alice.client.tokenBalanceOf();
      expect(balance).to.be.greaterThan(44n * CHART);
      expect(await clinic.client.tokenBalanceOf({ account: alice.wallet.address })).to.equal(balance);
    });

    it("can't be claimed, nor its deposit struck, when it is too late", async () => {
      await toSeason(world, 11);
      await expectCode("TOO_LATE_TO_CLAIM", alice.client.claimInterest({ steward: clinic.id, season: 2 }));
      expect(await alice.client.listClaimable()).to.deep.equal([]);
      await toSeason(world, 15);
      const strike = { patient: alice.id, steward: clinic.id, season: 0 };
      await expectCode("TOO_LATE_TO_STRIKE", world.authority.strikeDeposit(strike));
    });

    it("is withdrawn by a signature that counts once", async () => {
      const file = throughJson(await alice.client.signWithdrawInterest({ amount: CHART, to: dora.wallet.address }));
      expect(file.message["amount"]).to.equal(String(CHART));
      for (const { path, file: altered } of everyMutationOf(file)) {
        const outcome = await outcomeOf(clinic.client.relay({ file: altered }));
        expect(outcome, path).to.match(/^HANDOVER_/);
      }
      await clinic.client.relay({ file });
      expect(await dora.client.tokenBalanceOf()).to.equal(CHART);
      await expectCode("INVALID_SIGNATURE", clinic.client.relay({ file }));
    });
  });

  describe("in the end", () => {
    it("gives the bond back when nothing that it stands for can be struck", async () => {
      await clinic.client.postBond({ amount: 10n ** 15n });
      await clinic.client.releaseBond();
      await world.increaseTime(420 * DAY + 60);
      const to = (await world.actor("treasury", { ether: false })).wallet.address;
      await expectCode("BOND_NOT_PAID", clinic.client.withdrawBond({ to: world.deployment.contracts.Registrar }));
      await clinic.client.withdrawBond({ to });
      expect(await world.provider.getBalance(to)).to.equal(10n ** 15n);
      await expectCode("BOND_NOT_FREE", clinic.client.withdrawBond());
    });

    it("burns what it got", async () => {
      const token = alice.client.contracts.ChartToken;
      await (await token.transfer(world.deployment.contracts["DataBank"]!, CHART)).wait();
      const supply = await token.totalSupply();
      await clinic.client.burnBankFees();
      expect(await token.totalSupply()).to.equal(supply - CHART);
    });
  });
});
