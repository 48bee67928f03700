import { expect } from "chai";
import { Signature, Wallet, getBytes, hexlify, concat, toBeHex } from "ethers";

import { contractParty, type Party } from "../helpers/contracts/party.js";
import {
  SIGNED_ACTIONS,
  contractCast,
  mutations,
  plainCast,
  registerPerson,
  registerProvider,
  signed,
  submit,
  type Cast,
  type SignedAction,
} from "../helpers/contracts/signed-actions/index.js";
import { TYPES, authorize, type Authorization, type Twist } from "../helpers/contracts/typed-data.js";

/** The order of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

for (const action of SIGNED_ACTIONS) {
  describe(`The signature of ${action.title}`, () => {
    const load = async () => {
      const cast = await plainCast();
      await action.prepare?.(cast);
      return cast;
    };
    const events = action.events ?? 1;
    const invalid = async (cast: Cast, sending: Promise<unknown>) =>
      expect(sending)
        .to.be.revertedWithCustomError(action.contract(cast), "InvalidSignature")
        .withArgs(action.signer(cast).address);

    it("counts, whoever sends it", async () => {
      const cast = await load();

      const receipt = await (await submit(action, cast, await signed(action, cast))).wait();

      expect(receipt?.status).to.equal(1);
      expect(receipt?.logs).to.have.length(events);
    });

    it("covers every field", async () => {
      const cast = await load();
      const message = action.message(cast);

      for (const [field, other] of mutations(message)) {
        const authorization = await signed(action, cast, other, { deadline: message.deadline as bigint });
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
        const submitted =
          field === "deadline" ? { ...authorization, deadline: authorization.deadline + 1n } : authorization;
        if ((await action.encode(cast, other, submitted)) === call) continue;
        changed.push(field);
        await expect(submit(action, cast, submitted, other), field).to.be.revert(cast.chain.ethers);
      }
      expect(changed).to.include("deadline");
      await submit(action, cast, authorization);
    });

    it("is worth nothing on another chain, at another contract, or under another name or version", async () => {
      const cast = await load();
      const { registrar, delegates, relationships, consents, dataBank, studies } = cast.chain;
      const here = await action.contract(cast).getAddress();
      const contracts = [registrar, delegates, relationships, consents, dataBank, studies];
      const all = await Promise.all(contracts.map((contract) => contract.getAddress()));
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

      await networkHelpers.time.setNextBlockTimestamp(authorization.deadline + 1n);
      await expect(submit(action, cast, authorization))
        .to.be.revertedWithCustomError(action.contract(cast), "SignatureExpired")
        .withArgs(authorization.deadline);

      await before.restore();
      await networkHelpers.time.setNextBlockTimestamp(authorization.deadline);
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
      const cast = await contractCast();
      await action.prepare?.(cast);
      const owner = action.signer(cast);
      // The same key owns another account that is registered as well, or is about to be.
      const twin = await contractParty(owner.signer);
      await registerLike(action, cast, twin);
      const authorization = await signed(action, cast);

      await expect(submitAs(action, cast, authorization, twin.address)).to.be.revert(cast.chain.ethers);
      const receipt = await (await submit(action, cast, authorization)).wait();
      expect(receipt?.logs).to.have.length(events);
    });

    it("has to be its owner's where it is a contract account's", async () => {
      const cast = await contractCast();
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

      // Where it isn't anybody, somebody else sends it, who still has none.
      const receipt = await (await submit(action, cast, authorization)).wait();

      expect(receipt?.logs).to.have.length(events);
    });
  });
}

describe("The signed actions", () => {
  it("are all here", () => {
    // Carried out by the authority after its delay: Delegates.representatives.test.ts.
    const slow = ["RepresentativeAppointment"];
    const types = [...SIGNED_ACTIONS.map(({ type }) => type), ...slow];
    expect(new Set(types)).to.deep.equal(new Set(Object.keys(TYPES)));
  });
});

describe("A signed revocation of a grant", () => {
  it("counts at the version that it names and at the one after it", async () => {
    const cast = await plainCast();
    const action = SIGNED_ACTIONS.find(({ type }) => type === "GrantRevocation")!;
    const authorization = await signed(action, cast);
    const { consents, alice } = cast.chain;
    const message = action.message(cast);
    const revoke = () =>
      consents.connect(alice).revokeGrant(cast.patient.id, message.viewer as bigint, 4, message.steward as bigint, 1);
    await revoke();
    await revoke();

    await expect(submit(action, cast, authorization))
      .to.be.revertedWithCustomError(consents, "StaleSignature")
      .withArgs(0, 4);
  });
});

/** Registers an account as what the signer is: a person, a licensed provider of the same name, or nobody. */
async function registerLike(action: SignedAction, cast: Cast, twin: Party): Promise<void> {
  const { address } = action.signer(cast);
  if (address === cast.provider.address) await registerProvider(cast.chain, twin);
  else if (address !== cast.newcomer.address) await registerPerson(cast.chain, twin);
}

/** The same signature, said to be that of another account. */
function submitAs(action: SignedAction, cast: Cast, authorization: Authorization, account: string) {
  const message = action.message(cast);
  const names = action.signer(cast).address === cast.newcomer.address;
  return submit(action, cast, { ...authorization, account }, names ? { ...message, account } : message);
}
