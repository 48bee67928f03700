import { expect } from "chai";
import { expectCode, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("settings", () => {
  const { directory: newDirectory, open } = workspace();

  it("are any JSON, also after reopening", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    const values = { text: "ä", number: 1.5, nothing: null, list: [1, "two", { three: false }] };
    for (const [name, value] of Object.entries(values)) first.settings.set(name, value);
    first.close();
    const { settings } = await open(directory);
    for (const [name, value] of Object.entries(values)) expect(settings.get(name)).to.deep.equal(value);
    expect(settings.get("other")).to.equal(undefined);
    expect(settings.names()).to.deep.equal(["list", "nothing", "number", "text"]);
  });

  it("are replaced and forgotten", async () => {
    const { settings } = await open(newDirectory());
    settings.set("one", 1);
    settings.set("one", 2);
    expect(settings.get("one")).to.equal(2);
    expect(settings.delete("one")).to.equal(true);
    expect(settings.delete("one")).to.equal(false);
    expect(settings.get("one")).to.equal(undefined);
  });

  it("are not readable in the files", async () => {
    const directory = newDirectory();
    const { settings } = await open(directory);
    settings.set("greeting", "good morning, this is a text to look for");
    const texts = ["good morning, this is a text to look for", "greeting"].map((text) => Buffer.from(text));
    expect(findBytes(directory, texts)).to.deep.equal([false, true]);
  });

  it("refuse what is no JSON or too long, and a name that is none", async () => {
    const { settings } = await open(newDirectory());
    await expectCode("VAULT_INPUT_INVALID", () => settings.set("one", undefined as never));
    await expectCode("VAULT_INPUT_INVALID", () => settings.set("one", "a".repeat(65_536)));
    await expectCode("VAULT_INPUT_INVALID", () => settings.set("", 1));
  });
});
