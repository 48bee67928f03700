import { expect } from "chai";

import { COMMANDS } from "../../../src/cli/commands/index.js";
import { atHome, homeAndProfile, LONE } from "../../../src/cli/line/own-home.js";
import { isNoun } from "../../../src/cli/line/tree.js";
import { next, nextOfOthers } from "../../../src/cli/terminal/tables.js";

const COMMAND = "take it in: chartchain record take a.json";

describe("what comes next", () => {
  const withHome = (home: string) => COMMAND.replace("record take", `record take --home ${home}`);

  it("names the home that a step was given, and leaves others' to them", () => {
    const home = homeAndProfile(["--viewer", "2", "--home", "homes/alice"]);
    expect(atHome(home, () => next(COMMAND))).to.include(withHome("homes/alice"));
    expect(atHome(home, () => nextOfOthers(COMMAND))).to.include(withHome("THEIRS"));
    expect(
      atHome(home, () => next(`${COMMAND} --home OTHER`)),
      "one that is named stays",
    ).to.include(`${COMMAND} --home OTHER`);
    const two = `${COMMAND}, then chartchain relay`;
    expect(atHome({ home: "h" }, () => next(two)))
      .to.include("record take --home h")
      .and.include("relay --home h");
  });

  it("names none where none was given", () => {
    expect(homeAndProfile(["--viewer", "2"])).to.deep.equal({ home: undefined, profile: undefined });
    for (const say of [next, nextOfOthers]) {
      expect(say(COMMAND)).to.include(COMMAND);
      expect(atHome({}, () => say(COMMAND))).to.include(COMMAND);
    }
  });

  it("is pasted as it stands, whatever the folder is called", () => {
    expect(homeAndProfile(["--home=a b"]).home).to.equal("a b");
    for (const [home, shown] of [
      ["a b", "'a b'"],
      ["it's", "'it'\\''s'"],
      ["$HOME;x", "'$HOME;x'"],
      ["~/x-1_y", "~/x-1_y"],
    ] as const) {
      expect(atHome({ home }, () => next(COMMAND))).to.include(withHome(shown));
    }
  });
});

describe("commands of one word", () => {
  it("are those of the list, so that a home or profile is named behind the whole command", () => {
    const lone = Object.entries(COMMANDS).flatMap(([name, entry]) => (isNoun(entry) ? [] : [name]));
    expect(lone.filter((name) => !LONE.includes(name))).to.deep.equal([]);
    expect(LONE.filter((name) => Object.hasOwn(COMMANDS, name) && isNoun(COMMANDS[name]!))).to.deep.equal([]);
    expect(atHome({ home: "h" }, () => next("chartchain worklist --log, chartchain record add")))
      .to.include("worklist --home h --log")
      .and.include("record add --home h");
    expect(atHome({ profile: "p" }, () => next("chartchain relay"))).to.include("chartchain relay --profile p");
  });
});
