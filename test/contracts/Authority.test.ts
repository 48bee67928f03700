import { expect } from "chai";
import { id as keccakOfText } from "ethers";

import { asAuthority, AUTHORITY_DELAY, EMERGENCY, fixture, licenseInstitution, PROVIDER } from "../../devnet/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { digestOf, now, populate, type World } from "../helpers/contracts/world.js";

const load = fixture(populate);
const WEEK = 7 * DAY;
const [ADMIN, LICENSING, SUSPENDING, BANKING] = [0n, 1n, 2n, 3n];
const UNJUSTIFIED = 2;

/** Every restricted call, with what it has to wait for. */
async function restrictedCalls(world: World) {
  const { registrar, dataBank, studies, ids } = world;
  const until = (await now(world)) + 300 * DAY;
  const call = registrar.interface;
  return [
    {
      name: "license",
      target: registrar,
      data: call.encodeFunctionData("license", [ids.hospital, keccakOfText("General Hospital"), PROVIDER, until]),
    },
    {
      name: "confirmSuspension",
      target: registrar,
      data: call.encodeFunctionData("confirmSuspension", [ids.hospital]),
    },
    { name: "reinstate", target: registrar, data: call.encodeFunctionData("reinstate", [ids.hospital]) },
    { name: "thawOperators", target: registrar, data: call.encodeFunctionData("thawOperators", [ids.hospital]) },
    {
      name: "setBudget",
      target: dataBank,
      data: dataBank.interface.encodeFunctionData("setBudget", [ids.hospital, 1]),
    },
    {
      name: "strike",
      target: dataBank,
      data: dataBank.interface.encodeFunctionData("strike", [ids.alice, ids.hospital, 0, []]),
    },
    {
      name: "decideDispute",
      target: studies,
      data: studies.interface.encodeFunctionData("decideDispute", [1, ids.alice, true]),
    },
  ];
}

describe("The authority", () => {
  it("suspends without delay", async () => {
    const { registrar, authority, ids } = await load();

    await expect(registrar.connect(authority).suspend(ids.hospital)).to.emit(registrar, "Suspended");
  });

  it("freezes an institution's operators without delay", async () => {
    const { registrar, authority, ids } = await load();

    await expect(registrar.connect(authority).freezeOperators(ids.hospital)).to.emit(registrar, "OperatorsFrozen");
  });

  it("reviews a break-glass without delay: it can only end one", async () => {
    const world = await load();
    const { consents, authority, stranger, ids } = world;
    const responder = await licenseInstitution(world, stranger, "Ambulance", EMERGENCY);
    await consents.connect(stranger).breakGlass(ids.alice, (await now(world)) + 3600, digestOf("a reason"));

    await expect(consents.connect(authority).reviewAsAuthority(ids.alice, responder, 1, UNJUSTIFIED))
      .to.emit(consents, "EmergencyReviewed")
      .withArgs(ids.alice, responder, 1, UNJUSTIFIED, 0);
    expect((await consents.emergencyOf(ids.alice, responder)).until).to.equal(0);
  });

  it("does nothing else without having announced it", async () => {
    const world = await load();
    const { accessManager, authority } = world;

    for (const { name, target, data } of await restrictedCalls(world)) {
      const call = authority.sendTransaction({ to: target, data });
      await expect(call, name).to.be.revertedWithCustomError(accessManager, "AccessManagerNotScheduled");
    }
  });

  it("waits out its delay after announcing", async () => {
    const world = await load();
    const { accessManager, authority, networkHelpers } = world;

    for (const { name, target, data } of await restrictedCalls(world)) {
      await accessManager.connect(authority).schedule(target, data, 0);
      await expect(authority.sendTransaction({ to: target, data }), name).to.be.revertedWithCustomError(
        accessManager,
        "AccessManagerNotReady",
      );
      await networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + AUTHORITY_DELAY - 1);
      await expect(accessManager.connect(authority).execute(target, data), name).to.be.revertedWithCustomError(
        accessManager,
        "AccessManagerNotReady",
      );
    }
  });

  it("does what it announced, once", async () => {
    const world = await load();
    const { accessManager, authority, registrar, ids } = world;
    await registrar.connect(authority).suspend(ids.hospital);
    const data = registrar.interface.encodeFunctionData("confirmSuspension", [ids.hospital]);

    await expect(asAuthority(world, registrar, data)).to.emit(registrar, "SuspensionConfirmed");
    await expect(accessManager.connect(authority).execute(registrar, data)).to.be.revertedWithCustomError(
      accessManager,
      "AccessManagerNotScheduled",
    );
  });

  it("has a week to do it", async () => {
    const world = await load();
    const { accessManager, authority, networkHelpers } = world;
    const [licence] = await restrictedCalls(world);
    await accessManager.connect(authority).schedule(licence!.target, licence!.data, 0);
    await networkHelpers.time.increase(AUTHORITY_DELAY + WEEK);

    await expect(
      accessManager.connect(authority).execute(licence!.target, licence!.data),
    ).to.be.revertedWithCustomError(accessManager, "AccessManagerExpired");
  });

  it("can think better of it", async () => {
    const world = await load();
    const { accessManager, authority, networkHelpers } = world;
    const [licence] = await restrictedCalls(world);
    await accessManager.connect(authority).schedule(licence!.target, licence!.data, 0);
    await accessManager.connect(authority).cancel(authority, licence!.target, licence!.data);
    await networkHelpers.time.increase(AUTHORITY_DELAY);

    await expect(
      accessManager.connect(authority).execute(licence!.target, licence!.data),
    ).to.be.revertedWithCustomError(accessManager, "AccessManagerNotScheduled");
  });

  it("changes no role without its delay either", async () => {
    const { accessManager, authority, stranger, registrar } = await load();
    const manager = accessManager.connect(authority);

    for (const call of [
      () => manager.grantRole(LICENSING, stranger, 0),
      () => manager.grantRole(ADMIN, stranger, 0),
      () => manager.revokeRole(LICENSING, authority),
      () => manager.setTargetFunctionRole(registrar, [registrar.interface.getFunction("license").selector], SUSPENDING),
      () => manager.setTargetClosed(registrar, true),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(accessManager, "AccessManagerNotScheduled");
    }
    for (const role of [ADMIN, LICENSING, BANKING]) {
      expect((await accessManager.hasRole(role, authority))[1]).to.equal(AUTHORITY_DELAY);
    }
  });

  it("is nobody else: AccessManagedUnauthorized", async () => {
    const world = await load();
    const { registrar, consents, ids, alice, generalHospital, stranger } = world;
    const suspend = registrar.interface.encodeFunctionData("suspend", [ids.hospital]);
    const review = consents.interface.encodeFunctionData("reviewAsAuthority", [ids.alice, ids.hospital, 1, 1]);
    const calls = [
      ...(await restrictedCalls(world)),
      { name: "suspend", target: registrar, data: suspend },
      {
        name: "freezeOperators",
        target: registrar,
        data: registrar.interface.encodeFunctionData("freezeOperators", [ids.hospital]),
      },
      { name: "reviewAsAuthority", target: consents, data: review },
    ];

    for (const who of [alice, generalHospital, stranger]) {
      for (const { name, target, data } of calls) {
        await expect(who.sendTransaction({ to: target, data }), name)
          .to.be.revertedWithCustomError(target, "AccessManagedUnauthorized")
          .withArgs(who.address);
      }
    }
  });

  it("can't have somebody else do what it announced", async () => {
    const world = await load();
    const { accessManager, authority, stranger, networkHelpers } = world;
    const [licence] = await restrictedCalls(world);
    await accessManager.connect(authority).schedule(licence!.target, licence!.data, 0);
    await networkHelpers.time.increase(AUTHORITY_DELAY);

    await expect(accessManager.connect(stranger).execute(licence!.target, licence!.data)).to.be.revertedWithCustomError(
      accessManager,
      "AccessManagerUnauthorizedCall",
    );
  });

  it("has no restricted function in the contracts that hold relationships, records and tokens", async () => {
    const { relationships, records, summary, chartToken } = await load();

    for (const contract of [relationships, records, summary, chartToken]) {
      const names = contract.interface.fragments.map((fragment) => ("name" in fragment ? fragment.name : ""));
      expect(names).not.to.include("authority");
      expect(names).not.to.include("owner");
    }
  });

  it("is given two functions where delegates are, for orders that an institution signed", async () => {
    const { accessManager, delegates } = await load();

    const names: string[] = [];
    delegates.interface.forEachFunction((fragment) => names.push(fragment.name));
    const roles = await Promise.all(
      names.map((name) =>
        accessManager.getTargetFunctionRole(delegates, delegates.interface.getFunction(name as "appoint").selector),
      ),
    );
    const given = names.flatMap((name, i) => (roles[i] === 0n ? [] : [[name, roles[i]]]));
    expect(Object.fromEntries(given)).to.deep.equal({ appointAsAuthority: LICENSING, endAsAuthority: SUSPENDING });
  });

  it("is given one function where escrow is: the decision about a dispute", async () => {
    const { accessManager, studies } = await load();

    const names: string[] = [];
    studies.interface.forEachFunction((fragment) => names.push(fragment.name));
    const roles = await Promise.all(
      names.map((name) =>
        accessManager.getTargetFunctionRole(studies, studies.interface.getFunction(name as "settle").selector),
      ),
    );
    const given = names.filter((_, i) => roles[i] !== ADMIN);
    expect(given).to.deep.equal(["decideDispute"]);
    expect(roles[names.indexOf("decideDispute")]).to.equal(BANKING);
  });

  it("is given one function where consent is: the review", async () => {
    const world = await load();
    const { accessManager, consents } = world;

    const names: string[] = [];
    consents.interface.forEachFunction((fragment) => names.push(fragment.name));
    const roles = await Promise.all(
      names.map((name) =>
        accessManager.getTargetFunctionRole(consents, consents.interface.getFunction(name as "review").selector),
      ),
    );

    expect(names.filter((_, i) => roles[i] !== ADMIN)).to.deep.equal(["reviewAsAuthority"]);
  });
});
