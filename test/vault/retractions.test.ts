import { expect } from "chai";

import { ALICE, BOB, digestOf, GENERAL_HOSPITAL, INSURER, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("noted retractions", () => {
  const { directory: newDirectory, open } = workspace();
  const note = { record: digestOf("record"), patient: ALICE, author: GENERAL_HOSPITAL };

  it("count for one record of one author, and stay", async () => {
    const { retractions } = await open(newDirectory());
    retractions.note(note);
    retractions.note({ ...note, anchored: digestOf("anchored") });
    retractions.note(note);
    expect(retractions.get(note.record, GENERAL_HOSPITAL)).to.deep.equal({ ...note, anchored: digestOf("anchored") });
    expect(retractions.get(note.record, INSURER)).to.equal(undefined);
    expect(retractions.get(digestOf("another"), GENERAL_HOSPITAL)).to.equal(undefined);
    expect(
      [retractions.list({ patient: ALICE }), retractions.list({ patient: BOB })].map((list) => list.length),
    ).to.deep.equal([1, 0]);
  });

  it("don't say in the file which of the digests on chain they are about", async () => {
    const directory = newDirectory();
    const { retractions } = await open(directory);
    retractions.note({ ...note, anchored: digestOf("anchored") });
    for (const digest of [note.record, digestOf("anchored")]) {
      for (const form of [digest, Buffer.from(Buffer.from(digest).toString("hex"))]) {
        expect(findBytes(directory, [Buffer.from(form)])).to.deep.equal([false]);
      }
    }
  });

  it("keep who was told, each time that they are noted", async () => {
    const { retractions } = await open(newDirectory());
    retractions.note({ ...note, anchored: digestOf("anchored"), told: [BOB] });
    retractions.note({ ...note, told: [INSURER, BOB] });
    retractions.note(note);
    const kept = { ...note, anchored: digestOf("anchored"), told: [BOB, INSURER] };
    expect(retractions.list()).to.deep.equal([kept]);
  });

  it("keep what was said about them once, in the order in which it came", async () => {
    const { retractions } = await open(newDirectory());
    const said = { digest: digestOf("said"), patient: ALICE, record: note.record, signed: { kind: "one" } };
    retractions.putStatement(said);
    retractions.putStatement(said);
    retractions.putStatement({ digest: digestOf("other"), patient: BOB, signed: { kind: "two" } });
    expect(retractions.statements()).to.deep.equal([
      said,
      { digest: digestOf("other"), patient: BOB, signed: { kind: "two" } },
    ]);
    expect(retractions.statements({ patient: ALICE })).to.have.length(1);
  });
});
