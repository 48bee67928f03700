import { expect } from "chai";

import { instrument, mutated } from "../../tools/mutation/typescript/mutants.mjs";
import { wilson } from "../../tools/mutation/typescript/report.mjs";

describe("mutants of TypeScript", () => {
  const FILE = "src/crypto/example.ts";
  const changesOf = async (text: string) => {
    const { mutants } = await instrument({ [FILE]: text });
    return mutants.map((mutant) => mutated(mutant, text));
  };

  it("change one place, and nothing else", async () => {
    const text = "export const sum = (a: number) =>\n  a + 1;\n";

    expect(await changesOf(text)).to.have.members([
      "export const sum = () => undefined;\n",
      "export const sum = (a: number) =>\n  a - 1;\n",
    ]);
  });

  it("leave alone what an error says, and nothing else of it", async () => {
    const text = 'throw new ChartChainError("GONE", "it is gone", { hint: "Look again.", details: { at: "home" } });\n';
    const changed = await changesOf(text);

    expect(changed.filter((one) => !one.includes("it is gone") || !one.includes("Look again."))).to.deep.equal([
      'throw new ChartChainError("GONE", "it is gone", {});\n',
    ]);
    expect(changed).to.include(text.replace("GONE", ""));
    expect(changed).to.include(text.replace("home", ""));
  });

  it("leave a declaration where everybody sees it", async () => {
    const text = 'const name = "a";\nconst { [name ?? "b"]: found } = { a: 1 };\nexport const again = found;\n';
    const { files } = await instrument({ [FILE]: text });

    expect(files[FILE]).to.match(/^const \{\s*\[name \?\? "b"\]: found\s*\} =/m);
  });
});

describe("the share of mutants that are noticed", () => {
  it("is at least what Wilson's interval says", () => {
    expect(Math.abs(wilson(8, 10) - 0.4902) < 0.0001).to.equal(true);
    expect(Math.abs(wilson(81, 263) - 0.2553) < 0.0001).to.equal(true);
    expect(wilson(0, 0)).to.equal(0);
  });
});
