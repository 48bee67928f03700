import { expect } from "chai";
import fc from "fast-check";

import {
  choice,
  digest,
  end,
  file,
  finality,
  gwei,
  instant,
  lastInstant,
  participant,
  stewards,
  url,
  wholeNumber,
} from "../../../src/cli/line/flag-kinds.js";
import { endOfDay } from "../../../src/cli/line/dates.js";
import {
  optional,
  orVariable,
  parsedOrVariable,
  readFlags,
  repeated,
  repeatedOrVariable,
  required,
  several,
  toggle,
} from "../../../src/cli/line/flags.js";
import { ChartChainError } from "../../../src/errors/index.js";

const FLAGS = {
  patient: required(participant, "whose"),
  until: optional(instant, "until when"),
  categories: several(choice("CATEGORY", ["CARE", "SUMMARY"]), "which"),
  import: repeated(file, "from where"),
  yes: toggle("don't ask"),
};

function refusal(args: readonly string[]): ChartChainError {
  try {
    readFlags(FLAGS, args, {});
  } catch (error) {
    expect(error).to.be.instanceOf(ChartChainError).and.to.have.property("code", "BAD_USAGE");
    return error as ChartChainError;
  }
  throw new Error("it was not refused");
}

describe("readFlags", () => {
  it("reads values, lists, switches and what is left out", () => {
    const given = ["--patient", "7", "--categories", "care,SUMMARY", "--categories=CARE", "--import", "a,b", "--yes"];
    expect(readFlags(FLAGS, given, {})).to.deep.equal({
      patient: 7,
      until: undefined,
      categories: ["CARE", "SUMMARY"],
      import: ["a,b"],
      yes: true,
    });
  });

  it("takes a variable's text as it stands where its flag is left out, and a default where that isn't set either", () => {
    const flags = { at: orVariable("AT", url, "where", "http://default"), beside: orVariable("BESIDE", file, "what") };
    expect(readFlags(flags, ["--at", "http://flag"], { AT: "x" })).to.deep.equal({
      at: "http://flag",
      beside: undefined,
    });
    expect(readFlags(flags, [], { AT: "x", BESIDE: "y" })).to.deep.equal({ at: "x", beside: "y" });
    expect(readFlags(flags, [], {})).to.deep.equal({ at: "http://default", beside: undefined });
  });

  it("reads a variable as its flag, which goes before it, and refuses what is neither by its name", () => {
    const flags = {
      last: parsedOrVariable("LAST", finality, "which block"),
      price: parsedOrVariable("PRICE", gwei, "how much"),
    };
    expect(readFlags(flags, [], {})).to.deep.equal({ last: undefined, price: undefined });
    expect(readFlags(flags, ["--last", "tag"], { LAST: "3", PRICE: "0.5" })).to.deep.equal({
      last: "tag",
      price: 500_000_000n,
    });
    expect(readFlags(flags, [], { LAST: "64", PRICE: "30" })).to.deep.equal({ last: 64, price: 30_000_000_000n });
    for (const [name, value] of [
      ["LAST", "finalized"],
      ["LAST", "-1"],
      ["PRICE", "1,5"],
      ["PRICE", "0.0000000001"],
    ] as const) {
      expect(() => readFlags(flags, [], { [name]: value }))
        .to.throw(ChartChainError, `${name} needs`)
        .and.to.have.property("code", "BAD_USAGE");
    }
  });

  it("reads what a variable holds like its flag: one value, or several with white space between them", () => {
    const flags = {
      agreement: parsedOrVariable("AGREEMENT", wholeNumber("K", 1, 9), "how many"),
      node: repeatedOrVariable("NODES", url, "which"),
    };
    const environment = { AGREEMENT: "2", NODES: " http://a/?x=1,2\thttp://b " };
    expect(readFlags(flags, [], {})).to.deep.equal({ agreement: undefined, node: [] });
    expect(readFlags(flags, [], environment)).to.deep.equal({ agreement: 2, node: ["http://a/?x=1,2", "http://b"] });
    const given = ["--agreement", "1", "--node", "http://c", "--node", "http://d"];
    expect(readFlags(flags, given, environment)).to.deep.equal({ agreement: 1, node: ["http://c", "http://d"] });
    for (const [variable, value] of [
      ["AGREEMENT", "all"],
      ["NODES", "http://a secret"],
    ] as const) {
      expect(() => readFlags(flags, [], { [variable]: value })).to.throw(ChartChainError, `${variable} needs a`);
    }
  });

  it("refuses a flag that doesn't exist, by its name", () => {
    expect(refusal(["--patient", "7", "--untill", "2040-01-01"]).message).to.equal(
      "there is no --untill: did you mean --until?",
    );
  });

  it("refuses a flag without its value, and a switch with one", () => {
    expect(refusal(["--patient"]).message).to.equal("--patient needs a value");
    expect(refusal(["--patient", "--yes"]).message).to.equal("--patient needs a value");
    expect(refusal(["--patient", "7", "--yes=no"]).message).to.equal("--yes takes no value");
  });

  it("refuses a required flag that is missing, and says what belongs there", () => {
    expect(refusal(["--yes"]).message).to.equal("--patient is missing: a participant id, such as 7");
  });

  it("refuses a single value that is given twice", () => {
    expect(refusal(["--patient", "7", "--patient", "8"]).message).to.equal("--patient is given 2 times");
  });

  it("refuses a stray argument", () => {
    expect(refusal(["--patient", "7", "stray"]).message).to.equal("there is an argument that belongs to no flag");
  });

  it("says where secrets belong, to whom gives one as a flag", () => {
    for (const name of ["--passphrase", "--password", "--private-key", "--mnemonic"]) {
      expect(refusal([name, "hunter2"]).hint).to.include("CHARTCHAIN_PASSPHRASE");
    }
  });

  it("never repeats a value, which may be a secret in the wrong place", () => {
    const secret = fc.stringMatching(/^[g-z]{12}$/);
    const place = fc.constantFrom("--patient", "--until", "--categories", "--passphrase", "--key");
    fc.assert(
      fc.property(secret, place, fc.boolean(), (value, name, glued) => {
        const { message, hint, details } = refusal(glued ? [`${name}=${value}`] : [name, value, value]);
        expect(JSON.stringify([message, hint, details])).not.to.include(value);
      }),
    );
  });
});

describe("the kinds of values", () => {
  const cases: [string, (text: string) => unknown, string[], string[]][] = [
    ["a participant", participant.parse, ["1", "1099511627775"], ["0", "-1", "1.5", "1e3", "0x1", "", "1099511627776"]],
    ["a steward", stewards.parse, ["every", "3"], ["0", "all"]],
    ["a whole number", wholeNumber("N", 1, 5).parse, ["1", "5"], ["0", "6", " 1"]],
    [
      "a URL",
      url.parse,
      ["http://127.0.0.1:8545", "https://node.example/key"],
      ["127.0.0.1", "file:///etc", "http://"],
    ],
    [
      "a digest",
      digest.parse,
      ["0x0123abcd", "0x0123abcd…", `0x${"ab".repeat(32)}`],
      ["0x012", "0123abcd", `0x${"ab".repeat(33)}`],
    ],
    ["a file", file.parse, ["a b.json"], ["", " "]],
  ];
  for (const [name, parse, good, bad] of cases) {
    it(`${name} is told from what isn't one`, () => {
      for (const text of good) expect(parse(text), text).not.to.be.undefined;
      for (const text of bad) expect(parse(text), text).to.be.undefined;
    });
  }

  it("a time means the same in every zone", () => {
    expect(instant.parse("2030-01-31")).to.equal(Date.UTC(2030, 0, 31) / 1000);
    expect(instant.parse("2030-01-31T12:00+01:00")).to.equal(Date.UTC(2030, 0, 31, 11) / 1000);
    expect(instant.parse("2030-01-31T12:00:05Z")).to.equal(Date.UTC(2030, 0, 31, 12, 0, 5) / 1000);
    const others = [
      "2030-01-31T12:00",
      "31.1.2030",
      "2030-13-01",
      "2030-02-30",
      "2030",
      "in 6 months",
      "in 3 days ago",
    ];
    for (const text of others) expect(instant.parse(text), text).to.be.undefined;
  });

  it("a time is taken as people write it", () => {
    const day = Date.UTC(2030, 0, 31) / 1000;
    for (const text of ["31 Jan 2030", "31 January 2030", "Jan 31, 2030", "jan 31 2030", "31. Jan. 2030"]) {
      expect(instant.parse(text), text).to.equal(day);
      expect(lastInstant.parse(text), text).to.equal(day + 86_399);
    }
    const today = Math.floor(Date.now() / 86_400_000) * 86_400;
    expect(instant.parse("yesterday")).to.be.oneOf([today - 86_400, today]);
    const ago = instant.parse("3 days ago")!;
    expect(Date.now() / 1000 - ago).to.be.within(3 * 86_400, 3 * 86_400 + 10);
  });

  it("a length of time counts from now, by whatever clock that is told", () => {
    const lengths = { "in 30 days": 2_592_000, "30d": 2_592_000, "1h": 3_600, "2 weeks": 1_209_600 };
    for (const [text, fromNow] of Object.entries(lengths)) expect(end.parse(text), text).to.deep.equal({ fromNow });
    for (const day of ["2030-01-31", "today", "tomorrow"]) expect(end.parse(day)).to.deep.equal({ day });
    for (const text of ["3 days ago", "0 days", "soon"]) expect(end.parse(text), text).to.be.undefined;
  });

  it("a day that is an end counts with all of it, in this machine's time zone", () => {
    const zone = process.env["TZ"];
    const at = (text: string) => Date.parse(text) / 1000;
    try {
      for (const [here, day, now, expected] of [
        ["America/New_York", "2027-12-25", "2027-01-01T00:00Z", "2027-12-26T04:59:59Z"],
        ["Asia/Tokyo", "2027-12-25", "2027-01-01T00:00Z", "2027-12-25T14:59:59Z"],
        ["UTC", "today", "2027-06-01T23:59Z", "2027-06-01T23:59:59Z"],
        // There it is still the day before.
        ["America/New_York", "today", "2027-06-01T02:00Z", "2027-06-01T03:59:59Z"],
        ["America/New_York", "tomorrow", "2027-06-01T02:00Z", "2027-06-02T03:59:59Z"],
      ] as const) {
        process.env["TZ"] = here;
        expect(endOfDay(day, at(now)), `${day} in ${here}`).to.equal(at(expected));
      }
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
  });

  it("a day that can be two is refused with what to write instead", () => {
    expect(refusal(["--patient", "7", "--until", "03/04/2030"]).message).to.equal(
      "--until: that can be two days: write 2030-04-03 or 2030-03-04",
    );
    expect(refusal(["--patient", "7", "--until", "31.1.2030"]).message).to.equal("--until: write 2030-01-31");
    expect(refusal(["--patient", "7", "--until", "41/41/2030"]).message).to.include("--until needs a day (2030-01-31");
  });
});
