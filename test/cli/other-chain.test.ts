import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";

import { expect } from "chai";
import { encryptKeystoreJson, Wallet } from "ethers";

import { connect } from "../../src/sdk/index.js";
import { createStage, PASSPHRASE, type Stage } from "./run-step.js";

const CHAIN_ID = 4242;

describe("on a chain that isn't a local one", () => {
  let stage: Stage;
  const deployer = new Wallet(Wallet.createRandom().privateKey);
  const key = { CHARTCHAIN_KEY: deployer.privateKey };

  const codeOf = async (name: string, args: readonly string[], environment = {}): Promise<string> => {
    const { code, stdout } = await stage.step(name, [...args, "--json"], environment);
    expect(code, stdout).to.equal(1);
    return (JSON.parse(stdout) as { error: { code: string } }).error.code;
  };

  before(async () => {
    stage = await createStage({ chainId: CHAIN_ID });
  });

  after(() => stage.close());

  it("nobody deploys unless an account is named: the node's own stay out of it", async () => {
    expect(await codeOf("network deploy", [])).to.equal("DEPLOYER_MISSING");
    expect(await codeOf("network deploy", [], { CHARTCHAIN_HOME: stage.folder })).to.equal("DEPLOYER_MISSING");
  });

  it("an account without ether doesn't begin to deploy", async () => {
    expect(await codeOf("network deploy", [], key)).to.equal("NO_FUNDS");
  });

  it("an encrypted wallet deploys, and the deployment isn't repeated", async () => {
    const provider = await connect(stage.node.url);
    const ether = {
      from: await (await provider.getSigner(0)).getAddress(),
      to: deployer.address,
      value: "0xde0b6b3a7640000",
    };
    await provider.send("eth_sendTransaction", [ether]);
    provider.destroy();
    const keystore = await encryptKeystoreJson(deployer, PASSPHRASE, { scrypt: { N: 1_024 } });
    await writeFile(stage.at("wallet.json"), keystore);

    const args = ["--delay", "1", "--wallet", stage.at("wallet.json")];
    const first = await stage.json<{ deployed: boolean; gas: { total: number } }>("network deploy", args);
    expect(first.deployed).to.be.true;
    expect(first.gas.total).to.be.greaterThan(10_000_000);
    expect(await stage.json("network deploy", args)).to.include({ deployed: false });
  });

  it("another deployment's file isn't overwritten unless that is asked for", async () => {
    const file = stage.at("another.json");
    const deployment = JSON.parse(await readFile(stage.at("deployments", "4242.json"), "utf8")) as object;
    await writeFile(file, JSON.stringify({ ...deployment, genesisHash: `0x${"00".repeat(32)}` }));
    expect(await codeOf("network deploy", ["--deployment", file], key)).to.equal("FILE_EXISTS");
  });

  it("there is no free ether, and nothing is made before that is said", async () => {
    const home = ["--home", stage.at("hospital")];
    expect(await codeOf("account register-provider", ["--name", "X", "--fund", ...home])).to.equal("NOT_A_LOCAL_CHAIN");
    expect(existsSync(stage.at("hospital"))).to.be.false;
  });

  it("nobody moves the clock", async () => {
    expect(await codeOf("network advance", ["--days", "1"])).to.equal("NOT_A_LOCAL_CHAIN");
  });

  it("the authority is whoever holds the key, and licenses by it", async () => {
    const { participant } = await stage.json<{ participant: number }>(
      "account register-provider",
      ["--name", "General Hospital", "--home", stage.at("hospital")],
      key,
    );
    const licence = await stage.json("authority license", ["--institution", String(participant)], key);
    expect(licence).to.include({ name: "General Hospital", authority: deployer.address });
  });
});
