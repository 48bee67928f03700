import { expect } from "chai";
import { Signature, Wallet, getBytes, hexlify, concat, toBeHex } from "ethers";

import { deployChartChain } from "../helpers/deploy.js";
import { fixture } from "../helpers/contracts/fixture.js";
import { contractParty, plainParty, type Party } from "../helpers/contracts/party.js";
import {
  PROVIDER_NAME,
  SIGNED_ACTIONS,
  castOf,
  licenseAsProvider,
  mutations,
  type Cast,
  type SignedAction,
} from "../helpers/contracts/signed-actions.js";
import { authorize, type Authorization, type Message, type Twist } from "../helpers/contracts/typed-data.js";
import { KEY_DOCUMENT } from "../helpers/contracts/world.js";

/** The order of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const PLAIN = fixture(async () => {
  const chain = await deployChartChain();
  const [patient, provider, newcomer] = [chain.alice, chain.generalHospital, chain.bob];
  const cast = await castOf(chain, await plainParty(patient), await plainParty(provider), await plainParty(newcomer));
  return { ...cast, networkHelpers: chain.networkHelpers };
});

const CONTRACTS = fixture(async () => {
  const chain = await deployChartChain();
  const { alice, generalHospital, bob } = chain;
  const cast = await castOf(
    chain,
    await contractParty(alice),
    await contractParty(generalHospital),
    await contractParty(bob),
  );
  return { ...cast, networkHelpers: chain.networkHelpers };
});

/** Signs, unless told otherwise exactly what the contract expects. */
async function signed(action: SignedAction, cast: Cast, message = action.message(cast), twist: Twist = {}) {
  const { signer, address } = action.signer(cast);
  return authorize(action.contract(cast), action.type, message, signer, { account: address, ...twist });
}

/** Sends the action, as somebody who has nothing to do with it where that is possible. */
async function submit(action: SignedAction, cast: Cast, authorization: Authorization, message?: Message) {
  const data = await action.encode(cast, message ?? action.message(cast), authorization);
  if (action.sender !== undefined) return action.sender(cast).send(action.contract(cast), data);
  return cast.chain.relayer.sendTransaction({ to: action.contract(cast), data });
}

for (const action of SIGNED_ACTIONS) {
  describe(`The signature of ${action.title}`, () => {
    const load = async () => {
      const cast = await PLAIN();
      await action.prepare?.(cast);
      return cast;
    };
    const invalid = async (cast: Cast, sending: Promise<unknown>) =>
      expect(sending)
        .to.be.revertedWithCustomError(action.contract(cast), "InvalidSignature")
        .withArgs(action.signer(cast).address);

    it("counts, whoever sends it", async () => {
      const cast = await load();

      const receipt = await (await submit(action, cast, await signed(action, cast))).wait();

      expect(receipt?.status).to.equal(1);
      expect(receipt?.logs).to.have.length(1);
    });

    it("covers every field", async () => {
      const cast = await load();
      const message = action.message(cast);

      for (const [field, other] of mutations(message)) {
        const authorization = await signed(action, cast, other, { deadline: cast.deadline });
        await invalid(cast, submit(action, cast, authorization)).catch((problem: unknown) => {
          throw new Error(`signed with another ${field}`, { cause: problem });
        });
      }
      await submit(action, cast, await signed(action, cast));
    });

    it("carries no call with another argument", async () => {
      const cast = await load();
      const message = action.message(cast);
      const authorization = await signed(action, cast);
      const call = await action.encode(cast, message, authorization);
      const changed: string[] = [];

      for (const [field, other] of mutations(message)) {
        const submitted = field === "deadline" ? { ...authorization, deadline: cast.deadline + 1n } : authorization;
        if ((await action.encode(cast, other, submitted)) === call) continue;
        changed.push(field);
        await expect(submit(action, cast, submitted, other), field).to.be.revert(cast.chain.ethers);
      }
      expect(changed).to.include("deadline");
      await submit(action, cast, authorization);
    });

    it("is worth nothing on another chain, at another contract, or under another name or version", async () => {
      const cast = await load();
      const { registrar, relationships, consents } = cast.chain;
      const here = await action.contract(cast).getAddress();
      const all = await Promise.all([registrar, relationships, consents].map((contract) => contract.getAddress()));
      const domains: NonNullable<Twist["domain"]>[] = [
        { chainId: 1n },
        { name: "ChartChain " },
        { version: "2" },
        ...all.filter((address) => address !== here).map((verifyingContract) => ({ verifyingContract })),
      ];

      for (const domain of domains) {
        await invalid(cast, submit(action, cast, await signed(action, cast, action.message(cast), { domain })));
      }
    });

    it("counts until its deadline and not a second longer", async () => {
      const cast = await load();
      const authorization = await signed(action, cast);
      const { networkHelpers } = cast.chain;
      const before = await networkHelpers.takeSnapshot();

      await networkHelpers.time.setNextBlockTimestamp(cast.deadline + 1n);
      await expect(submit(action, cast, authorization))
        .to.be.revertedWithCustomError(action.contract(cast), "SignatureExpired")
        .withArgs(cast.deadline);

      await before.restore();
      await networkHelpers.time.setNextBlockTimestamp(cast.deadline);
      await submit(action, cast, authorization);
    });

    it("has to be that of the account", async () => {
      const cast = await load();
      const forged = await authorize(action.contract(cast), action.type, action.message(cast), Wallet.createRandom(), {
        account: action.signer(cast).address,
      });

      await invalid(cast, submit(action, cast, forged));
    });

    it("has one form: low s, 65 bytes", async () => {
      const cast = await load();
      const authorization = await signed(action, cast);
      const { r, s, v, compactSerialized } = Signature.from(authorization.signature);
      const highS = concat([r, toBeHex(ORDER - BigInt(s), 32), toBeHex(v === 27 ? 28 : 27)]);
      const truncated = hexlify(getBytes(authorization.signature).slice(0, 64));

      for (const signature of [highS, compactSerialized, truncated, "0x", concat([authorization.signature, "0x00"])]) {
        await invalid(cast, submit(action, cast, { ...authorization, signature }));
      }
    });

    it("counts once", async () => {
      const cast = await load();
      const authorization = await signed(action, cast);
      await submit(action, cast, authorization);

      await expect(submit(action, cast, authorization)).to.be.revertedWithCustomError(
        action.contract(cast),
        action.replay,
      );
    });

    it("may be a contract account's (ERC-1271), and is bound to that account", async () => {
      const cast = await CONTRACTS();
      await action.prepare?.(cast);
      const owner = action.signer(cast);
      // The same key owns another account that is registered as well, or is about to be.
      const twin = await contractParty(owner.signer);
      if (action.type !== "PatientRegistration") await registerLike(action, cast, twin);
      const authorization = await signed(action, cast);

      await expect(submitAs(action, cast, authorization, twin.address)).to.be.revert(cast.chain.ethers);
      const receipt = await (await submit(action, cast, authorization)).wait();
      expect(receipt?.logs).to.have.length(1);
    });

    it("has to be its owner's where it is a contract account's", async () => {
      const cast = await CONTRACTS();
      await action.prepare?.(cast);
      const forged = await authorize(action.contract(cast), action.type, action.message(cast), cast.chain.stranger, {
        account: action.signer(cast).address,
      });

      await invalid(cast, submit(action, cast, forged));
    });

    it("may be the key's of a plain account that carries code (EIP-7702)", async () => {
      const cast = await load();
      const { stranger, ethers } = cast.chain;
      const somebodyElses = await contractParty(stranger);
      const code = await ethers.provider.getCode(somebodyElses.address);
      const authorization = await signed(action, cast);
      await cast.chain.networkHelpers.setCode(action.signer(cast).address, code);

      // `accept` is sent by the patient, who still has none.
      const receipt = await (await submit(action, cast, authorization)).wait();

      expect(receipt?.logs).to.have.length(1);
    });
  });
}

describe("A signed revocation of a grant", () => {
  it("counts at the version that it names and at the one after it", async () => {
    const cast = await PLAIN();
    const action = SIGNED_ACTIONS.find(({ type }) => type === "GrantRevocation")!;
    const authorization = await signed(action, cast);
    const { consents, alice } = cast.chain;
    const message = action.message(cast);
    const revoke = () => consents.connect(alice).revokeGrant(message.viewer as bigint, 4, message.steward as bigint, 1);
    await revoke();
    await revoke();

    await expect(submit(action, cast, authorization))
      .to.be.revertedWithCustomError(consents, "StaleSignature")
      .withArgs(0, 4);
  });
});

/** Registers an account as what the signer is: a person, or a licensed provider of the same name. */
async function registerLike(action: SignedAction, cast: Cast, twin: Party): Promise<void> {
  const { registrar } = cast.chain;
  const call = registrar.interface;
  if (action.signer(cast).address === cast.patient.address) {
    await twin.send(registrar, call.encodeFunctionData("registerPatient", [KEY_DOCUMENT]));
    return;
  }
  await twin.send(registrar, call.encodeFunctionData("registerInstitution", [KEY_DOCUMENT, PROVIDER_NAME]));
  await licenseAsProvider(cast.chain, await registrar.participantOf(twin.address));
}

/** The same signature, said to be that of another account. */
function submitAs(action: SignedAction, cast: Cast, authorization: Authorization, account: string) {
  const message = action.message(cast);
  const other = action.type === "PatientRegistration" ? { ...message, account } : message;
  return submit(action, cast, { ...authorization, account }, other);
}
