import { readFileSync } from "node:fs";

import { expect } from "chai";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const firstProgramOf = (page: string): string => /```ts\n([^]*?)```/.exec(read(page))![1]!;

describe("the programs that documents show", () => {
  const example = read("examples/sdk.ts");

  it("are the example that is run from the package, whole in the guide", () => {
    const whole = example.slice(example.indexOf("import "));
    expect(firstProgramOf("docs/guides/developer.md")).to.equal(whole);
  });

  it("are a part of it in README", () => {
    const shown = firstProgramOf("README.md");
    expect(shown.split("\n").length).to.be.greaterThan(20);
    expect(example).to.include(shown);
  });
});
