import { readFileSync } from "node:fs";

import { expect } from "chai";
import { Interface, type InterfaceAbi } from "ethers";

import { CORE_CONTRACTS } from "../../../src/sdk/chain/contracts.js";
import { messageTypesOf, type SignedMessage } from "../../../src/sdk/handover/signed/action.js";
import { SUBJECTS } from "../../../src/sdk/handover/signed/index.js";
import { dataBank } from "../../../src/sdk/modules/data-bank/index.js";
import { studies } from "../../../src/sdk/modules/studies/index.js";
import { TYPES, type TypeName } from "../../helpers/contracts/typed-data.js";
import { structsOf } from "../../helpers/contracts/types.js";

/** One message of each type: what docs/reference/typed-data.md shows. */
const examples = JSON.parse(
  readFileSync(new URL("../../../tools/lint/typed-data-examples.json", import.meta.url), "utf8"),
) as Record<string, Record<string, unknown>>;

const subjects = [...SUBJECTS, dataBank.signed!, studies.signed!];
const types = [...new Set(subjects.flatMap(messageTypesOf))];
const abis: Readonly<Record<string, { abi: InterfaceAbi }>> = {
  ...CORE_CONTRACTS,
  ...dataBank.contracts,
  ...studies.contracts,
};
const account = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const signedOf = (type: string): SignedMessage => ({ message: examples[type]!, account, signature: "0x12" });

describe("the descriptors of what is signed", () => {
  it("are of every type that the contracts check, with the fields that they hash", () => {
    const onChain = Object.keys(TYPES).sort();
    const others = subjects.flatMap((subject) => subject.others);
    const sent = types.filter((type) => !others.includes(type));
    expect(sent.map(({ primaryType }) => primaryType).sort()).to.deep.equal(onChain);
    for (const { primaryType, types: structs } of sent) {
      expect(structs, primaryType).to.deep.equal(structsOf(primaryType as TypeName));
    }
  });

  it("say in a sentence of one message what it says, and of another one something else", () => {
    for (const type of types) {
      const { primaryType } = type;
      expect(type.says(examples[primaryType]!), primaryType)
        .to.match(/^[A-Z].*\.$/)
        .and.not.match(/undefined|NaN|object/);
    }
    const grant = types.find(({ primaryType }) => primaryType === "Grant")!;
    expect(grant.says({ ...examples["Grant"], steward: 0, stewardName: "every steward", purpose: "HRESCH" })).to.equal(
      "City Clinic may see my summary and my medication, whoever keeps it, for research, until 21 December 2026, 12:00 UTC.",
    );
    const wish = types.find(({ primaryType }) => primaryType === "EmergencyWish")!;
    expect(wish.says({ ...examples["EmergencyWish"], showSensitive: "nothing", sayThatMoreExists: false })).to.equal(
      "In an emergency, responders see nothing of what is sensitive.",
    );
  });

  for (const { actions } of subjects) {
    for (const [name, action] of Object.entries(actions)) {
      const { type, attached } = action;
      it(`make a call to ${type.contract} of ${name}, which its contract has`, () => {
        expect(action.name).to.equal(name);
        const guardians = { members: [8, 9], threshold: 1, delay: 86_400, salt: `0x${"5a".repeat(32)}` };
        const values = Object.entries(attached).map(([field, each]) => [
          field,
          each.type === undefined ? (field === "guardians" ? guardians : []) : signedOf(each.type.primaryType),
        ]);
        const by = { account, deadline: 1_795_867_200, signature: "0x34" };
        const [method, ...args] = action.call(
          examples[type.primaryType]!,
          by,
          Object.fromEntries(values) as Record<string, unknown>,
        );
        const abi = new Interface(abis[type.contract]!.abi);
        const data = abi.encodeFunctionData(method, args);
        const given = abi.decodeFunctionData(method, data).at(-1) as unknown[];
        expect([...given].map(String), "the last argument").to.deep.equal([account, "1795867200", "0x34"]);
      });
    }
  }
});
