import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { isChartChainError } from "chartchain/errors";
import { createDevnet, type Actor, type Devnet } from "chartchain/devnet";
import type { Database } from "chartchain/sqlite";
import { Wallet } from "ethers";
import { SiweMessage } from "siwe";

import { openJournal } from "../src/journal/journal.js";
import { SignIn } from "../src/sign-in/sign-in.js";

const HOUR = 3_600;
const PUBLIC_URL = "https://gatekeeper.hospital.example:8443";

describe("signing in (EIP-4361)", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let folder: string;
  let database: Database;
  let now: number;
  let signIn: SignIn;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    clinic = await world.institution("City Clinic");
  });
  after(() => world.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"));
    database = openJournal(folder);
    now = 1_800_000_000;
    signIn = begin();
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  const heads = { head: async () => ({ hash: (await world.provider.getBlock("latest"))!.hash! }) };
  const begin = () =>
    new SignIn(database, hospital.client, heads, {
      ...{ publicUrl: PUBLIC_URL, purposes: ["TREAT", "PATRQT"], lifetime: HOUR, clock: () => now },
    });
  const challengeOf = ({ wallet }: Actor) => signIn.challenge({ account: wallet.address, purpose: "TREAT" });
  const refused = async (work: unknown, code: string) => {
    const error = await Promise.resolve(work).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isChartChainError(error) ? error.code : error).to.equal(code);
  };

  it("asks for a text that other software reads", () => {
    const { message, expires } = challengeOf(clinic);
    const read = new SiweMessage(message);

    expect(read).to.include({ address: clinic.wallet.address, uri: PUBLIC_URL, version: "1", chainId: 31_337 });
    expect(read.domain).to.equal("gatekeeper.hospital.example:8443");
    expect(read.resources).to.deep.equal([`${PUBLIC_URL}/fhir`, "urn:chartchain:purpose:TREAT"]);
    expect(Date.parse(read.expirationTime!) / 1000).to.equal(expires);
    expect(read.prepareMessage()).to.equal(message);
  });

  it("knows by the token who signed, until the time is over or it is ended", async () => {
    const { message, secret } = challengeOf(clinic);
    const { token, ...session } = await signIn.complete({
      message,
      secret,
      signature: await clinic.wallet.signMessage(message),
    });

    expect(session).to.deep.equal({
      ...{ account: clinic.wallet.address, participant: clinic.id, purpose: "TREAT" },
      ...{ expires: now + HOUR, lifetime: HOUR },
    });
    expect(signIn.find(token)).to.include({ participant: clinic.id });
    now += HOUR - 1;
    expect(signIn.find(token)?.participant).to.equal(clinic.id);
    now += 1;
    expect(signIn.find(token)).to.equal(undefined);
    now -= 1;
    signIn.end(token);
    expect(signIn.find(token)).to.equal(undefined);
    expect(signIn.find("")).to.equal(undefined);
  });

  it("is remembered after a restart, and so is what was used", async () => {
    const { message, secret } = challengeOf(clinic);
    const signature = await clinic.wallet.signMessage(message);
    const { token } = await signIn.complete({ message, secret, signature });
    database.close();
    database = openJournal(folder);
    signIn = begin();

    expect(signIn.find(token)?.participant).to.equal(clinic.id);
    await refused(signIn.complete({ message, secret, signature }), "SIGN_IN_REFUSED");
  });

  it("is refused to who caught the signature, and to who changed a letter", async () => {
    const { message, secret } = challengeOf(clinic);
    const signature = await clinic.wallet.signMessage(message);
    const other = challengeOf(clinic);

    await refused(signIn.complete({ message, secret: other.secret, signature }), "SIGN_IN_REFUSED");
    // That try used it up.
    await refused(signIn.complete({ message, secret, signature }), "SIGN_IN_REFUSED");
    const changed = other.message.replace("purpose TREAT", "purpose PATRQT");
    const signed = { message: changed, secret: other.secret, signature: await clinic.wallet.signMessage(changed) };
    await refused(signIn.complete(signed), "SIGN_IN_REFUSED");
  });

  it("is refused after ten minutes", async () => {
    const { message, secret } = challengeOf(clinic);
    now += 600;
    await refused(
      signIn.complete({ message, secret, signature: await clinic.wallet.signMessage(message) }),
      "SIGN_IN_REFUSED",
    );
  });

  it("is refused to another key, and to an account of nobody", async () => {
    const { message, secret } = challengeOf(clinic);
    await refused(
      signIn.complete({ message, secret, signature: await hospital.wallet.signMessage(message) }),
      "SIGN_IN_REFUSED",
    );
    const stranger = Wallet.createRandom();
    const asked = signIn.challenge({ account: stranger.address, purpose: "TREAT" });
    const signature = await stranger.signMessage(asked.message);
    await refused(signIn.complete({ message: asked.message, secret: asked.secret, signature }), "SIGN_IN_REFUSED");
  });

  it("refuses what is no question", async () => {
    for (const asked of [
      { account: "0x12", purpose: "TREAT" },
      { account: clinic.wallet.address, purpose: "HMARKT" },
      { account: undefined, purpose: undefined },
    ]) {
      await refused(
        Promise.resolve().then(() => signIn.challenge(asked)),
        "SIGN_IN_MALFORMED",
      );
    }
    await refused(signIn.complete({ message: 1, secret: "", signature: "0x" }), "SIGN_IN_MALFORMED");
    await refused(signIn.complete({ message: "", secret: "", signature: "no" }), "SIGN_IN_MALFORMED");
  });

  it("has one process at its journal", async () => {
    await refused(
      Promise.resolve().then(() => openJournal(folder)),
      "JOURNAL_IN_USE",
    );
  });
});
