import { chart } from "../../line/amounts.js";
import { command, type Result } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant, wholeNumber } from "../../line/flag-kinds.js";
import { optional, repeated, toggle, type Values } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession, type Session } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { count, done, facts, next, table, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import type { BankAccount, ClaimableDeposit } from "../../../sdk/modules/data-bank/index.js";

const FLAGS = {
  proof: repeated(file, "first take in this proof of a steward's; may be given again"),
  list: toggle("claim nothing: show the account, and what can be claimed and when"),
  steward: optional(participant, "only deposits with this steward"),
  season: optional(wholeNumber("N", 0, 2 ** 32 - 1), "only deposits of this season"),
  sign: optional(
    file,
    "send nothing: write the signed claim here, for somebody else to relay; needs --steward and --season",
  ),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Claims the interest of a patient's deposits, the oldest season first. Interest is claimed from the third season after the deposit's to the eighth, and vests over 180 days.",
  flags: FLAGS,
  examples: [
    "--list --home homes/alice",
    "--proof patient-3-season-0.json --home homes/alice",
    "--steward 1 --season 0 --sign claim.json --home homes/bob",
  ],
  async run(flags, talk) {
    const { steward, season } = flags;
    if (flags.sign !== undefined && (steward === undefined || season === undefined)) {
      throw badUsage("--sign is about one deposit: give --steward and --season");
    }
    if (flags.sign !== undefined && flags.list) throw badUsage("--list signs nothing");
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    const files = [];
    for (const path of flags.proof) files.push(await readJsonFile(path));
    await using session = await openSession(flags, talk, {
      account: flags.list ? "address" : "sign",
      vault: "open",
      as: "patient",
    });
    const { client } = session;
    for (const proof of files) await client.takeDepositProof({ file: proof });
    if (output !== undefined) {
      const claim = { steward: steward!, season: season! };
      return await signedAction(session, output, await client.signClaimInterest(claim));
    }
    return flags.list ? await list(session) : await claim(session, flags);
  },
});

async function list({ client }: Session): Promise<Result> {
  const [account, claimable] = [await client.bankAccountOf(), await client.listClaimable()];
  const rows = claimable.map(({ season, steward, confirmed, from, until, interest }) => [
    season,
    steward,
    confirmed,
    chart(interest),
    time(from),
    time(until),
  ]);
  return {
    data: { account: forPrograms(account), claimable: claimable.map(depositForPrograms) },
    text: [
      done(account === undefined ? "No account with the Data Bank" : "The account with the Data Bank"),
      ...(account === undefined ? [] : [facts(inWords(account))]),
      ...(rows.length === 0 ? [] : [table(["season", "steward", "confirmed", "interest", "from", "until"], rows)]),
    ].join("\n"),
  };
}

async function claim({ client, transactions }: Session, { steward, season }: Values<typeof FLAGS>): Promise<Result> {
  const wanted = (await client.listClaimable()).filter(
    (deposit) =>
      deposit.claimable &&
      (steward === undefined || deposit.steward === steward) &&
      (season === undefined || deposit.season === season),
  );
  let credited = 0n;
  for (const deposit of wanted) {
    const { events } = await client.claimInterest({ steward: deposit.steward, season: deposit.season });
    credited += events["InterestCredited"]?.["amount"] as bigint;
  }
  const account = await client.bankAccountOf();
  return {
    data: {
      claimed: wanted.map(depositForPrograms),
      credited: String(credited),
      account: forPrograms(account),
      transactions,
    },
    text: [
      done(
        wanted.length === 0
          ? "Nothing can be claimed now"
          : `Claimed the interest of ${count(wanted.length, "deposit")}`,
      ),
      facts({ credited: chart(credited), ...(account === undefined ? {} : inWords(account)) }),
      next(
        wanted.length === 0
          ? "see what there will be: chartchain bank claim --list"
          : "what has vested is taken out: chartchain bank withdraw",
      ),
    ].join("\n"),
  };
}

function inWords({ available, locked, vestedAt }: BankAccount): Record<string, string> {
  return {
    "may be withdrawn": chart(available),
    vesting: chart(locked),
    ...(vestedAt === 0 ? {} : { "all vested": time(vestedAt) }),
  };
}

/** For programs amounts are decimal texts. */
function forPrograms(account: BankAccount | undefined) {
  return account && { ...account, available: String(account.available), locked: String(account.locked) };
}

function depositForPrograms(deposit: ClaimableDeposit) {
  return { ...deposit, interest: String(deposit.interest) };
}
