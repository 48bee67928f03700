import { readFileSync } from "node:fs";

import { expect } from "chai";
import { TypedDataEncoder } from "ethers";

import { SIGNED_ACTIONS, plainCast } from "../helpers/contracts/signed-actions/index.js";
import { TYPES, type Message, type TypeName } from "../helpers/contracts/typed-data.js";
import { structsOf } from "../helpers/contracts/types.js";

/** The page that shows what a wallet displays has every message, with exactly the fields that the contracts hash. */

const page = readFileSync(new URL("../../docs/reference/typed-data.md", import.meta.url), "utf8");

/** Signed for other people's software, and never sent to a contract. */
const OFF_CHAIN = ["AnchorStatement", "EmergencyWish", "KeyConfirmation", "KeyRelease", "RecordRetraction"];

const examples = new Map(
  [...page.matchAll(/^#### (\w+)$(?:(?!^#)[^])*?```json\n([^]*?)```/gm)].map(([, name, json]) => [
    name!,
    JSON.parse(json!) as Message,
  ]),
);
const rows = new Map(
  [...page.matchAll(/^\| \[`(\w+)`\]\(#(\w+)\) \| (\w+) \|/gm)].map(([, name, anchor, contract]) => [
    name!,
    { anchor, contract },
  ]),
);

describe("docs/reference/typed-data.md", () => {
  it("has every type that is signed, in the table and as an example", () => {
    const all = [...Object.keys(TYPES), ...OFF_CHAIN].sort();

    expect([...examples.keys()].sort()).to.deep.equal(all);
    expect([...rows.keys()].sort()).to.deep.equal(all);
    for (const [name, { anchor }] of rows) expect(anchor).to.equal(name.toLowerCase());
  });

  it("names the contract that each type is signed for", async () => {
    const cast = await plainCast();
    const { registrar, delegates, relationships, consents, dataBank, studies } = cast.chain;
    const names = new Map<unknown, string>([
      [registrar, "Registrar"],
      [delegates, "Delegates"],
      [relationships, "PatientProviderRelationships"],
      [consents, "Consents"],
      [dataBank, "DataBank"],
      [studies, "Studies"],
    ]);

    for (const action of SIGNED_ACTIONS) {
      expect(rows.get(action.type)?.contract, action.type).to.equal(names.get(action.contract(cast)));
    }
  });

  for (const type of Object.keys(TYPES) as TypeName[]) {
    it(`shows ${type} as it is signed`, () => {
      const example = examples.get(type)!;
      const structs = structsOf(type);

      expectFields(example, type, structs);
      expect(TypedDataEncoder.from(structs).hash(example)).to.match(/^0x[0-9a-f]{64}$/);
    });
  }
});

/** The same names in the same order, also in structs and lists. */
function expectFields(message: Message, struct: string, structs: ReturnType<typeof structsOf>) {
  const fields = structs[struct]!;
  expect(Object.keys(message), struct).to.deep.equal(fields.map(({ name }) => name));
  for (const { name, type } of fields) {
    const inner = type.replace("[]", "");
    if (structs[inner] === undefined) continue;
    for (const value of [message[name]].flat()) expectFields(value as Message, inner, structs);
  }
}
