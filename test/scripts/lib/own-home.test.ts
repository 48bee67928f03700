import { expect } from "chai";

import { atHome, homeIn } from "../../../scripts/lib/own-home.js";
import { next, nextOfOthers } from "../../../scripts/lib/tables.js";

const COMMAND = "take it in: npx tsx scripts/open-record.ts --take a.json";

describe("what comes next", () => {
  const withHome = (home: string) => COMMAND.replace(".ts", `.ts --home ${home}`);

  it("names the home that a step was given, and leaves others' to them", () => {
    const home = homeIn(["--viewer", "2", "--home", "homes/alice"]);
    expect(atHome(home, () => next(COMMAND))).to.include(withHome("homes/alice"));
    expect(atHome(home, () => nextOfOthers(COMMAND))).to.include(withHome("THEIRS"));
    expect(
      atHome(home, () => next(`${COMMAND} --home OTHER`)),
      "one that is named stays",
    ).to.include(`${COMMAND} --home OTHER`);
    const two = `${COMMAND}, then npx tsx scripts/relay.ts`;
    expect(atHome("h", () => next(two)))
      .to.include("scripts/open-record.ts --home h")
      .and.include("relay.ts --home h");
  });

  it("names none where none was given", () => {
    expect(homeIn(["--viewer", "2"])).to.equal(undefined);
    for (const say of [next, nextOfOthers]) {
      expect(say(COMMAND)).to.include(COMMAND);
      expect(atHome(undefined, () => say(COMMAND))).to.include(COMMAND);
    }
  });

  it("is pasted as it stands, whatever the folder is called", () => {
    expect(homeIn(["--home=a b"])).to.equal("a b");
    for (const [home, shown] of [
      ["a b", "'a b'"],
      ["it's", "'it'\\''s'"],
      ["$HOME;x", "'$HOME;x'"],
      ["~/x-1_y", "~/x-1_y"],
    ] as const) {
      expect(atHome(home, () => next(COMMAND))).to.include(withHome(shown));
    }
  });
});
