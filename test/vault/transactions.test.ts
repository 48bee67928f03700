import { expect } from "chai";
import type { NewTransaction } from "../../src/vault/index.js";
import { expectCode, workspace } from "./helpers.js";

describe("transaction journal", () => {
  const { directory: newDirectory, open } = workspace();
  const sender = `0x${"ab".repeat(20)}`;
  const signed = (key: string, nonce: number, changes: Partial<NewTransaction> = {}): NewTransaction => ({
    ...{ key, nonce, from: sender, raw: `0x02f8${nonce.toString(16).padStart(4, "0")}` },
    hash: `0x${(nonce + 1).toString(16).padStart(64, "0")}`,
    ...changes,
  });

  it("has a transaction before it is sent, also after reopening", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    const begun = first.transactions.begin(signed("grant 1", 0));
    first.close();
    const { transactions } = await open(directory);
    expect(begun).to.deep.equal({ ...signed("grant 1", 0), status: "pending", replaced: [] });
    expect(transactions.find("grant 1")).to.deep.equal(begun);
    expect(transactions.find("grant 2")).to.equal(undefined);
  });

  it("lists what is not settled by sender and nonce", async () => {
    const { transactions } = await open(newDirectory());
    for (const nonce of [2, 0, 1]) transactions.begin(signed(`grant ${nonce}`, nonce));
    const other = `0x${"0c".repeat(20)}`;
    transactions.begin(signed("other", 0, { from: other }));
    transactions.settle("grant 1", { status: "success", block: 5 });
    expect(transactions.pending().map(({ key }) => key)).to.deep.equal(["other", "grant 0", "grant 2"]);
    expect(transactions.pending({ from: other.toUpperCase().replace("0X", "0x") })).to.have.length(1);
  });

  it("takes the same transaction twice, which changes nothing", async () => {
    const { transactions } = await open(newDirectory());
    transactions.begin(signed("grant", 0));
    transactions.settle("grant", { status: "success", block: 5 });
    expect(transactions.begin(signed("grant", 0))).to.include({ status: "success", block: 5 });
  });

  it("refuses another transaction of the same key, or of the same sender and nonce", async () => {
    const { transactions } = await open(newDirectory());
    transactions.begin(signed("grant", 0));
    await expectCode("TRANSACTION_CONFLICT", () => transactions.begin(signed("grant", 1)));
    await expectCode("TRANSACTION_CONFLICT", () => transactions.begin(signed("revoke", 0)));
    const checksummed = sender.replaceAll("ab", "AB");
    await expectCode("TRANSACTION_CONFLICT", () => transactions.begin(signed("revoke", 0, { from: checksummed })));
    expect(transactions.pending()).to.have.length(1);
  });

  it("settles one as mined, reverted or dropped, and reopens it after a reorganization", async () => {
    const { transactions } = await open(newDirectory());
    transactions.begin(signed("grant", 0));
    transactions.settle("grant", { status: "reverted", block: 5 });
    expect(transactions.find("grant")).to.include({ status: "reverted", block: 5 });
    transactions.reopen("grant");
    expect(transactions.find("grant")).to.include({ status: "pending" }).and.not.to.have.property("block");
    transactions.settle("grant", { status: "success", block: 6 });
    expect(transactions.find("grant")).to.include({ status: "success", block: 6 });
  });

  it("frees the nonce of a dropped one, which then cannot come back", async () => {
    const { transactions } = await open(newDirectory());
    transactions.begin(signed("grant", 0));
    transactions.settle("grant", { status: "dropped" });
    transactions.begin(signed("revoke", 0, { hash: `0x${"cd".repeat(32)}` }));
    await expectCode("TRANSACTION_CONFLICT", () => transactions.reopen("grant"));
    await expectCode("TRANSACTION_CONFLICT", () => transactions.settle("grant", { status: "success", block: 1 }));
    transactions.settle("grant", { status: "dropped" });
    transactions.settle("revoke", { status: "success", block: 1 });
  });

  it("replaces a pending one by another version and keeps the hashes of the former", async () => {
    const { transactions } = await open(newDirectory());
    const { hash: first } = transactions.begin(signed("grant", 0));
    const second = { raw: "0x02f9", hash: `0x${"11".repeat(32)}` };
    const third = { raw: "0x02fa", hash: `0x${"22".repeat(32)}` };
    transactions.replace("grant", second);
    transactions.replace("grant", second);
    expect(transactions.replace("grant", third)).to.deep.include({ ...third, replaced: [first, second.hash] });
    expect(transactions.replace("grant", second)).to.deep.include({ ...second, replaced: [first, third.hash] });
    transactions.settle("grant", { status: "success", block: 5 });
    await expectCode("TRANSACTION_CONFLICT", () => transactions.replace("grant", third));
  });

  it("tells which transaction has a nonce, unless it was dropped", async () => {
    const { transactions } = await open(newDirectory());
    const { from } = transactions.begin(signed("grant", 4));
    expect(transactions.at(from, 4)).to.deep.include({ key: "grant", status: "pending" });
    expect(transactions.at(from, 5)).to.equal(undefined);
    expect(transactions.at(`0x${"99".repeat(20)}`, 4)).to.equal(undefined);
    transactions.settle("grant", { status: "success", block: 7 });
    expect(transactions.at(from, 4)).to.deep.include({ key: "grant", status: "success" });
    transactions.settle("grant", { status: "dropped" });
    expect(transactions.at(from, 4)).to.equal(undefined);
    await expectCode("VAULT_INPUT_INVALID", () => transactions.at("0x12", 4));
  });

  it("knows no transaction that was not begun", async () => {
    const { transactions } = await open(newDirectory());
    const { raw, hash } = signed("grant", 0);
    await expectCode("TRANSACTION_UNKNOWN", () => transactions.settle("grant", { status: "dropped" }));
    await expectCode("TRANSACTION_UNKNOWN", () => transactions.reopen("grant"));
    await expectCode("TRANSACTION_UNKNOWN", () => transactions.replace("grant", { raw, hash }));
  });

  it("refuses what is no transaction or settlement", async () => {
    const { transactions } = await open(newDirectory());
    for (const changes of [
      { key: "" },
      { nonce: -1 },
      { raw: "0x" },
      { raw: "02f8" },
      { hash: "0x12" },
      { from: "0x12" },
    ]) {
      await expectCode("VAULT_INPUT_INVALID", () => transactions.begin({ ...signed("grant", 0), ...changes }));
    }
    transactions.begin(signed("grant", 0));
    await expectCode("VAULT_INPUT_INVALID", () => transactions.settle("grant", { status: "pending" as "dropped" }));
    await expectCode("VAULT_INPUT_INVALID", () => transactions.settle("grant", { status: "success", block: -1 }));
  });
});
