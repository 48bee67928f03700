import { existsSync } from "node:fs";
import { join } from "node:path";

import { formatEther } from "ethers";

import type { Chain } from "../actor/chain.js";
import { keyDifference } from "../actor/own-key.js";
import { profileAt } from "../actor/profile.js";
import { beginAnew, openSession } from "../actor/session.js";
import { namedAccount, readAccount } from "../actor/account-source.js";
import type { ACTOR_FLAGS } from "../line/common-flags.js";
import type { Values } from "../line/flags.js";
import type { Talk } from "../terminal/talk.js";
import { time } from "../terminal/tables.js";
import { isChartChainError } from "../../errors/index.js";
import { chainCall, createClient } from "../../sdk/index.js";
import { allModules } from "../../sdk/modules/index.js";
import { RESULT, SqliteError } from "../../sqlite/index.js";
import { openFile } from "../../sqlite/node/index.js";
import { openVault } from "../../vault/node/index.js";
import { asBad, bad, doubtful, good, look, type Finding } from "./finding.js";

type Flags = Values<typeof ACTOR_FLAGS>;

const LITTLE = 10n ** 16n;

/** Who the account is, and what it can pay. */
export async function lookAtAccount(flags: Flags, wallet: string, chain: Chain, talk: Talk): Promise<Finding[]> {
  const profile = profileAt(flags.home, talk.environment);
  const source = namedAccount(flags.wallet, talk.environment) ?? { path: wallet };
  if ("path" in source && !existsSync(source.path)) {
    const outcome = doubtful(
      `there is no wallet: ${source.path}`,
      `It is made by: chartchain init ${profile ?? "NAME"}`,
    );
    return [{ what: "Account", ...outcome }];
  }
  let isInstitution: boolean | undefined;
  let account: string | undefined;
  const who = await look("Account", async () => {
    const runner = await readAccount(source, chain.provider);
    account = await runner.getAddress();
    const client = await createClient({ runner, deployment: chain.deployment, modules: allModules });
    let id;
    try {
      id = await client.ownId();
    } catch (error) {
      if (!isChartChainError(error, "NOT_REGISTERED")) throw error;
      return doubtful(`${account} is registered as nobody`, `To register it: chartchain init ${profile ?? "NAME"}`);
    }
    const { kind, name, inGoodStanding, suspendedUntil, licensedUntil, keyVersion } = await client.describeParticipant({
      id,
    });
    isInstitution = kind === "institution";
    const says = `${account} acts for ${isInstitution ? `${name} (participant ${id})` : `participant ${id}`}, key version ${keyVersion}`;
    if (inGoodStanding) return good(isInstitution ? `${says}, licensed until ${time(licensedUntil)}` : says);
    const now = Date.now() / 1000;
    return suspendedUntil > now
      ? bad(`${says}, suspended until ${time(suspendedUntil)}`, "Ask the authority.")
      : doubtful(
          `${says}, without a licence`,
          `The authority gives one: chartchain authority license --institution ${id}`,
        );
  });
  if (account === undefined) return [who];
  const funds = await look("Funds", async () => {
    const balance = await chainCall(() => chain.provider.getBalance(account!));
    const says = `${formatEther(balance)
      .replace(/^(\d+\.\d{4})\d+$/, "$1…")
      .replace(/\.0$/, "")} ether`;
    if (isInstitution === undefined) return good(says);
    if (!isInstitution)
      return good(balance === 0n ? `${says}, and a patient needs none: others relay what --sign writes` : says);
    if (balance === 0n) return bad(says, `Send ${account} some ether: an institution pays for its transactions.`);
    return balance < LITTLE ? doubtful(says, `Send ${account} some more ether, soon.`) : good(says);
  });
  return [who, funds];
}

/** Stands for the passphrase that isn't asked for. */
class NotAsked extends Error {}

/** Whether the vault is one, is whole and belongs to this chain, as far as it says so without its passphrase. */
export const lookAtVault = (directory: string, { deployment }: Chain, profile: string | undefined): Promise<Finding> =>
  look("Vault", async () => {
    const { chainId, genesisHash, contracts } = deployment;
    if (!existsSync(join(directory, "vault.sqlite")))
      return doubtful(`there is none: ${directory}`, `It is made by: chartchain init ${profile ?? "NAME"}`);
    try {
      const vault = await openVault({
        directory,
        chain: { chainId: BigInt(chainId), genesisHash, contracts },
        passphrase: () => Promise.reject(new NotAsked()),
      });
      vault.close();
    } catch (error) {
      if (isChartChainError(error, "VAULT_IN_USE"))
        return doubtful(`another program has it open: ${directory}`, "Wait for it to end.");
      if (isChartChainError(error, "VAULT_OTHER_CHAIN"))
        return bad(`it belongs to another chain: ${directory}`, beginAnew(directory, profile));
      if (!(error instanceof NotAsked)) throw error;
    }
    return good(`whole, and of this chain: ${directory}`);
  });

/** Whether wallet and vault open, and the vault's key is the one on chain. The passphrase may take its time. */
export async function lookIntoVault(flags: Flags, talk: Talk): Promise<Finding> {
  try {
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const difference = await keyDifference(session.client);
    const outcome =
      difference === undefined
        ? good("wallet and vault open; key and document are those on chain")
        : bad(
            difference,
            "Restore the newest backup (chartchain vault restore), or make a new key: chartchain key change",
          );
    return { what: "Keys", ...outcome };
  } catch (error) {
    return { what: "Keys", ...asBad(error) };
  }
}

/** The index of the chain's events, where there is one. */
export async function lookAtIndex(directory: string): Promise<Finding[]> {
  const file = join(directory, "index.sqlite");
  if (!existsSync(file)) return [];
  const finding = await look("Index", async () => {
    const mend = `It can be made again: mv '${file}' '${file}.old'`;
    try {
      const database = openFile(file);
      try {
        const said = database.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
        return said.quick_check === "ok" ? good(file) : bad(`its pages are damaged: ${file}`, mend);
      } finally {
        database.close();
      }
    } catch (error) {
      if (error instanceof SqliteError && error.code === RESULT.BUSY) return good(`in use: ${file}`);
      return bad(`it is no database: ${file}`, mend);
    }
  });
  return [finding];
}
