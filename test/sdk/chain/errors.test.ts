import { expect } from "chai";
import type { Interface } from "ethers";
import { makeError, type ErrorFragment } from "ethers";

import * as typechain from "../../../typechain-types/index.js";
import { chainCall } from "../../../src/sdk/index.js";
import { codeOf, translate } from "../../../src/sdk/chain/errors.js";
import { REVERT_HINTS } from "../../../src/sdk/chain/revert-hints.js";
import { ChartChainError } from "../../../src/errors/index.js";
import { expectCode } from "../helpers.js";
import { createDevnet, type Devnet } from "../../../devnet/index.js";

/** The contracts that a client can meet. */
const FACTORIES = [
  typechain.Authority__factory,
  typechain.ChartToken__factory,
  typechain.Consents__factory,
  typechain.DataBank__factory,
  typechain.Delegates__factory,
  typechain.PatientProviderRelationships__factory,
  typechain.Records__factory,
  typechain.Registrar__factory,
  typechain.Studies__factory,
  typechain.Summary__factory,
  typechain.TransparencyLog__factory,
];

const customErrors = (): Map<string, { abi: Interface; error: ErrorFragment }> => {
  const found = new Map<string, { abi: Interface; error: ErrorFragment }>();
  for (const factory of FACTORIES) {
    const abi = factory.createInterface() as Interface;
    abi.forEachError((error) => found.set(error.name, { abi, error }));
  }
  return found;
};

/** Errors that no call of the SDK runs into; those of the Authority it does. */
const OPENZEPPELIN =
  /^(ECDSA|ERC\d|InvalidShortString|StringTooLong|InvalidAccountNonce|AccessManage|Address|FailedCall|InsufficientBalance|SafeCast|SafeERC20|ReentrancyGuard)/;

const inCapitals = (name: string): string =>
  name
    .match(/[A-Z]+(?![a-z])[0-9]*|[A-Z][a-z0-9]*/g)!
    .join("_")
    .toUpperCase();

const VALUES: Record<string, unknown> = { address: `0x${"11".repeat(20)}`, bool: true, string: "text" };
const valueOf = (type: string): unknown =>
  VALUES[type] ?? (type.startsWith("bytes") ? `0x${"22".repeat(Number(type.slice(5) || 3))}` : 7n);

describe("what goes wrong on the chain", () => {
  let world: Devnet;
  before(async () => {
    world = await createDevnet();
  });
  after(() => world.close());

  for (const [name, { abi, error }] of customErrors()) {
    const code = inCapitals(name);
    it(`is told by the contracts' error ${name} as ${code}, with its values and what to do`, () => {
      const data = abi.encodeErrorResult(
        error,
        error.inputs.map(({ type }) => valueOf(type)),
      );
      const translated = translate(
        makeError("execution reverted", "CALL_EXCEPTION", {
          action: "call",
          data,
          reason: null,
          transaction: { to: null, data: "0x" },
          invocation: null,
          revert: null,
        }),
      );
      expect(translated.code).to.equal(code);
      expect(Object.keys(translated.details)).to.have.length(error.inputs.length);
      expect(translated.message).to.contain(name);
      expect(translated.hint).to.be.a("string");
      if (!name.match(OPENZEPPELIN)) expect(translated.hint, "revert-hints.ts").not.to.match(/OpenZeppelin/);
      expect(() => JSON.stringify(translated)).not.to.throw();
    });
  }

  it("has a code with every word of its name apart", async () => {
    const { Registrar, Summary } = world.authority.contracts;
    await expectCode(
      "NOT_A_PATIENT",
      chainCall(() => Summary.overviewOf(99, 0, 1)),
    );
    const institution = await world.actor("institution");
    await institution.client.registerInstitution({ name: "institution" });
    await expectCode(
      "NOT_A_LICENSED_PROVIDER",
      chainCall(() => Registrar.authenticateProvider(institution.wallet.address)),
    );
  });

  it("has no hint for an error that doesn't exist", () => {
    const codes = [...customErrors().keys()].map(inCapitals);
    expect(Object.keys(REVERT_HINTS).filter((code) => !codes.includes(code))).to.deep.equal([]);
  });

  it("has no code for what is no error of these contracts", () => {
    for (const name of ["NoSuchError", "BatchSkipped", "0x12345678", "", "toString", "constructor"]) {
      expect(codeOf(name), name).to.equal(undefined);
    }
  });

  it("is decoded from a real node's answer", async () => {
    const { Registrar } = world.authority.contracts;
    const error = await expectCode(
      "NOT_REGISTERED",
      chainCall(() => Registrar.authenticate(`0x${"11".repeat(20)}`)),
    );
    expect(error.details).to.deep.equal({ account: `0x${"11".repeat(20)}` });
  });

  it("is an argument that no contract takes", async () => {
    const { Registrar } = world.authority.contracts;
    await expectCode(
      "ARGUMENT_INVALID",
      chainCall(() => Registrar.participant(-1)),
    );
    await expectCode("ARGUMENT_INVALID", world.authority.revokeAccess({ patient: 1, viewer: Number.NaN }));
  });

  it("stays what it is when it was told already", () => {
    const error = new ChartChainError("UNEXPECTED", "any");
    expect(translate(error)).to.equal(error);
  });

  it("is a node out of reach when the connection fails, however deep that is said", () => {
    const lost = Object.assign(new Error("request failed"), { error: new Error("connect ECONNREFUSED 127.0.0.1:1") });
    expect(translate(lost).code).to.equal("CHAIN_UNREACHABLE");
    expect(translate(makeError("late", "TIMEOUT", { operation: "call", reason: "timeout" })).code).to.equal(
      "CHAIN_UNREACHABLE",
    );
  });

  it("is a lack of funds when the node says so", () => {
    expect(translate(new Error("insufficient funds for gas * price + value")).code).to.equal("NO_FUNDS");
  });

  it("is a refused call otherwise, with the cause kept", () => {
    for (const odd of [new Error("the method is not supported"), "a text", undefined, null]) {
      const error = translate(odd);
      expect(error.code).to.equal("CHAIN_CALL_FAILED");
      expect(error.cause).to.equal(odd);
    }
  });

  it("is a refused call when what the node adds is no contract's answer", async () => {
    const call = { to: null, data: "0x" };
    for (const data of [
      "Reverted 0x",
      "Reverted",
      "out of gas",
      "0x",
      "0xzz",
      "0x12345",
      7,
      null,
      {},
      { data: "Reverted 0x" },
    ]) {
      const answer = { code: -32015, message: "VM execution error.", data };
      const error = makeError("missing revert data", "CALL_EXCEPTION", {
        ...{ action: "call", data: null, reason: null, transaction: call, invocation: null, revert: null },
        info: { error: answer, payload: { method: "eth_call", params: [call] } },
      } as never);
      await expectCode("CHAIN_CALL_FAILED", () => Promise.reject(translate(error)));
    }
  });

  it("is the contract's error in whatever a node wraps it", () => {
    const { abi, error } = customErrors().get("NotRegistered")!;
    const data = abi.encodeErrorResult(error, [`0x${"11".repeat(20)}`]);
    for (const wrapped of [data, `Reverted ${data}`, { data }, { originalError: { data } }]) {
      const answer = Object.assign(new Error("reverted"), { info: { error: { code: 3, data: wrapped } } });
      expect(translate(answer).code, JSON.stringify(wrapped)).to.equal("NOT_REGISTERED");
    }
    // Its first bytes, and then nothing.
    expect(translate(Object.assign(new Error("reverted"), { data: data.slice(0, 12) })).code).to.equal(
      "CHAIN_CALL_FAILED",
    );
  });

  it("is the rate limit when a node was asked too often, with the time that it names", () => {
    const message = "project ID request rate exceeded";
    const answer = { code: -32005, message, data: { rate: { backoff_seconds: 30 } } };
    const error = translate(makeError("could not coalesce error", "UNKNOWN_ERROR", { error: answer }));
    expect(error.code).to.equal("RATE_LIMITED");
    expect(error.message).to.contain("rate limit");
    expect(error.details).to.deep.equal({ retryAfter: 30 });
  });

  it("is a missing final block on a chain without one, with what to do", () => {
    const payload = { method: "eth_getBlockByNumber", params: ["finalized", false] };
    const answer = { code: -39001, message: "Unknown block" };
    const error = translate(makeError("could not coalesce error", "UNKNOWN_ERROR", { error: answer, payload }));
    expect(error.code).to.equal("CHAIN_UNREACHABLE");
    expect(error.hint).to.contain("finality as a number of blocks").and.contain("--finality");
  });

  it("is a refused call when the revert is nobody's", () => {
    const error = Object.assign(new Error("reverted"), { data: "0x12345678" });
    expect(translate(error).code).to.equal("CHAIN_CALL_FAILED");
  });
});
