import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { folder, wholeNumber } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession, type Session } from "../../actor/session.js";
import { caution, count, done, facts, gas, nextOfOthers } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { ChartChainError } from "../../../errors/index.js";
import type { DepositProofFile } from "../../../sdk/modules/data-bank/index.js";

export default command({
  purpose:
    "Confirms, as a steward, the deposits of the season before in one batch: each patient with an account of whom it anchored a record counts once. Writes a proof for each of them, with which the patient claims the interest.",
  flags: {
    proofs: required(folder, "write the proofs into this folder, a file for each patient"),
    season: optional(wholeNumber("N", 0, 2 ** 32 - 1), "refuse unless it is this one; with --again, whose proofs"),
    again: toggle("send nothing: write the proofs of a confirmed season once more"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: ["--proofs proofs --home homes/hospital", "--again --season 2 --proofs proofs --home homes/hospital"],
  async run({ season, again, ...flags }, talk) {
    if (again && season === undefined) throw badUsage("--again needs --season N");
    const into = resolve(flags.proofs);
    await makeFolder(into);
    await using session = await openSession(flags, talk, { account: again ? "address" : "sign", vault: "open" });
    if (again) return await writeAgain(session, season!, into, flags.force);
    const { client, transactions } = session;
    const confirmed = await client.confirmSeason(season === undefined ? {} : { season });
    const files = await writeProofs(confirmed.proofs, into, flags.force);
    const { root, withoutAccount, receipt } = confirmed;
    return {
      data: { season: confirmed.season, root, count: confirmed.count, withoutAccount, files, transactions },
      text: [
        done(`Confirmed season ${confirmed.season}: ${count(confirmed.count, "deposit")}`),
        facts({ root, proofs: into, gas: gas(Number(receipt.gasUsed)) }),
        ...(withoutAccount.length === 0
          ? []
          : [
              caution(
                `Without an account, so in no batch: ${withoutAccount.map((id) => `participant ${id}`).join(", ")}`,
              ),
            ]),
        nextOfOthers("each patient claims with its own: chartchain bank claim --proof FILE"),
      ].join("\n"),
    };
  },
});

async function writeAgain({ client }: Session, season: number, into: string, force: boolean) {
  const files = await writeProofs(await client.depositProofs({ season }), into, force);
  return {
    data: { season, files, transactions: [] },
    text: [done(`Wrote ${count(files.length, "proof")} of season ${season}`), facts({ proofs: into })].join("\n"),
  };
}

async function writeProofs(proofs: readonly DepositProofFile[], into: string, force: boolean): Promise<string[]> {
  const files: string[] = [];
  for (const proof of proofs) {
    const path = join(into, `patient-${proof.patient}-season-${proof.season}.json`);
    await using output = await OutputFile.reserve(path, { force });
    await output.writeJson(proof);
    files.push(output.path);
  }
  return files;
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ChartChainError("FILE_UNWRITABLE", `the folder can't be made: ${path}`, {
      details: { path, reason: (cause as NodeJS.ErrnoException).code },
      hint: "Check that the place is yours to write.",
      cause,
    });
  }
}
