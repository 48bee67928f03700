import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { isChartChainError } from "chartchain/errors";

import { readConfig } from "../src/config.js";

describe("a gatekeeper's configuration", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"))));
  after(() => rmSync(folder, { recursive: true }));

  const written = (config: unknown): string => {
    const file = join(folder, "gatekeeper.json");
    writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
    return file;
  };
  const faultsOf = (file: string): string[] => {
    try {
      readConfig(file);
    } catch (error) {
      if (isChartChainError(error, "GATEKEEPER_MISCONFIGURED")) return error.details["faults"] as string[];
      throw error;
    }
    return [];
  };
  const good = {
    publicUrl: "https://gatekeeper.hospital.example/",
    chain: { rpc: "http://127.0.0.1:8545", deployment: "deployment.json" },
    ...{ home: "home", data: "data" },
  };

  it("has paths beside its file, and says what isn't said", () => {
    const config = readConfig(written(good));

    expect(config).to.include({ home: join(folder, "home"), data: join(folder, "data"), session: 3_600 });
    expect(config.publicUrl).to.equal("https://gatekeeper.hospital.example");
    expect(config.chain).to.deep.equal({
      ...{ rpc: "http://127.0.0.1:8545", otherNodes: [], finality: "tag", deployment: join(folder, "deployment.json") },
    });
    expect(config.listen).to.deep.equal({ host: "127.0.0.1", port: 8_443 });
  });

  it("is refused with everything that is wrong at once", () => {
    const faults = faultsOf(
      written({
        ...{ publicUrl: "ftp://x", home: "", datum: "data", session: 5, purposes: ["TREAT", "FUN"] },
        listen: { port: 70_000 },
        chain: { rpc: "127.0.0.1", finality: -1 },
      }),
    );
    const named = faults.map((fault) => fault.split(":")[0]);
    expect(named).to.have.members([
      ...[
        "listen.port",
        "publicUrl",
        "chain.rpc",
        "chain.deployment",
        "chain.finality",
        "home",
        "data",
        "purposes.1",
        "session",
        "it",
      ],
    ]);
    expect(faults.join("\\n")).to.include("datum");
  });

  it("is refused where it is no JSON, or isn't there", () => {
    expect(faultsOf(written("{"))[0]).to.include("no JSON");
    expect(faultsOf(join(folder, "none.json"))).to.deep.equal(["it can't be read"]);
  });
});
