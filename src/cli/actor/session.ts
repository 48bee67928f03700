import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { JsonRpcProvider, Signer } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { createClient, type TransactionReport } from "../../sdk/index.js";
import { allModules, type FullClient } from "../../sdk/modules/index.js";
import type { RecordStore } from "../../storage/index.js";
import { createEmbeddedStore, createKuboStore } from "../../storage/node/index.js";
import type { ChainIndex } from "../../watch/index.js";
import type { Vault } from "../../vault/index.js";
import { openVault, restoreVault, vaultDirectory } from "../../vault/node/index.js";
import { besideDeployment, openChain, type Chain } from "./chain.js";
import { clientSettings, type SessionFlags } from "./client-settings.js";
import type { Talk } from "../terminal/talk.js";
import { isHomeNamed } from "../line/own-home.js";
import { homeFolder } from "./home-folder.js";
import { profileAt, readConfiguration, type Role } from "./profile.js";
import { openHomeIndex, openWatchIndex } from "./home-index.js";
import { nodeAccount, requireLocalChain } from "./local-chain.js";
import { passphraseAsker, type AskPassphrase } from "../terminal/passphrase.js";
import type { Environment } from "../terminal/program.js";
import { withHint } from "../terminal/report-error.js";
import { caution, count, next } from "../terminal/tables.js";
import { namedAccount, readAccount } from "./account-source.js";
import { createWallet, openAccount } from "./wallet-file.js";

/** What a step needs of its actor. */
export interface Needs {
  /**
   * `sign`: an account that signs. `address`: only its address, so that the wallet stays locked. `authority`: one that
   * signs, by default the local node's own first account.
   */
  account: "sign" | "address" | "authority";
  /** `create`: made when there is none, like the wallet; `if-there`: opened when there is one. */
  vault: "open" | "create" | "if-there" | "none";
  /** The new vault is made of this backup. */
  backup?: { bytes: Uint8Array; passphrase: () => Promise<string> };
  /** Whose index of the chain's events it reads through: the home's own, or that of who watches. The authority has none. */
  index?: "watch";
  /** Who does such a thing: anybody else who acts is told so, before the chain refuses it in its own words. */
  as?: Role;
  /** It will ask a local chain for ether. */
  freeEther?: boolean;
}

/** One actor at work: a client with everything that it needs. Close it, and the vault is free for other processes. */
export interface Session extends AsyncDisposable {
  client: FullClient;
  chain: Chain;
  account: string;
  /** What this session made because it wasn't there: paths by name. */
  created: Record<string, string>;
  /** The transactions so far. */
  transactions: TransactionReport[];
  /** Says what to do where an interrupt comes once something was sent. */
  ifInterrupted: (...steps: string[]) => void;
}

/**
 * Opens an actor's wallet, vault and store, and connects them to the chain. The chain is looked at first, so that nobody
 * types a passphrase for nothing.
 *
 * @throws what {@link openChain}, the wallet and the vault throw
 *
 * @example
 * await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
 */
export async function openSession(flags: SessionFlags, talk: Talk, needs: Needs): Promise<Session> {
  await using stack = new AsyncDisposableStack();
  const lastWords = stack.use(sayWhatWasSent(talk));
  const chain = await openChain(flags, talk);
  stack.defer(() => chain.provider.destroy());
  lastWords.countAt(chain.provider);
  if (needs.freeEther) requireLocalChain(chain.deployment.chainId);
  const created: Record<string, string> = {};
  const opening = {
    flags,
    environment: talk.environment,
    chain,
    needs,
    ask: passphraseAsker(talk),
    created,
    note: (text: string) => talk.note(text),
  };
  const signer = await accountFor(opening);
  const account = await signer.getAddress();

  const transactions: TransactionReport[] = [];
  const events = needs.account === "authority" ? undefined : await indexFor(opening);
  if (events !== undefined) stack.defer(() => events.close());
  let vault: Vault | undefined;
  let store: RecordStore | undefined;
  if (needs.vault !== "none") {
    vault = await vaultFor(opening);
    if (vault !== undefined) stack.defer(() => vault!.close());
    store = await storeFor(flags, chain, account);
    stack.defer(() => store!.close());
  }
  for (const [what, path] of Object.entries(created)) talk.note(caution(`New ${what}: ${path}`));
  const client = await createClient({
    runner: signer,
    deployment: chain.deployment,
    modules: allModules,
    ...(events === undefined ? {} : { events }),
    ...(vault === undefined ? {} : { vault }),
    ...(store === undefined ? {} : { store }),
    ...clientSettings(flags, chain),
    onTransaction: (report) => void transactions.push(report),
  });
  if (needs.as !== undefined) await requireRole(client, needs.as, flags.home, talk);
  const kept = stack.move();
  return {
    ...{ client, chain, account, created, transactions },
    ifInterrupted: (...steps) => void (lastWords.steps = steps),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Where an interrupt ends the process, says whether something may count all the same, and what to do then. */
function sayWhatWasSent(talk: Talk) {
  let sent = 0;
  const words = {
    steps: ["look at what came of it: chartchain status"],
    /** Counts what is sent to this node. */
    countAt(provider: JsonRpcProvider): void {
      const send = provider.send.bind(provider);
      provider.send = (method, params: unknown[]) => {
        if (/^eth_send/.test(method)) sent++;
        return send(method, params);
      };
    },
    [Symbol.dispose]: () => watch?.[Symbol.dispose](),
  };
  const watch = talk.streams.beforeEnd?.(() => {
    const they = sent === 1 ? "it counts" : "they count";
    const what = `Interrupted, and ${count(sent, "transaction")} had been sent: ${they}, or soon will.`;
    talk.note(
      sent === 0 ? caution("Interrupted: nothing was sent.") : [caution(what), ...words.steps.map(next)].join("\n"),
    );
  });
  return words;
}

/** What a session is opened with. */
interface Opening {
  flags: SessionFlags;
  environment: Environment;
  chain: Chain;
  needs: Needs;
  ask: AskPassphrase;
  created: Record<string, string>;
  note: (text: string) => void;
}

/** @throws WRONG_PROFILE */
async function requireRole(
  client: FullClient,
  role: Role,
  home: string | undefined,
  { environment }: Talk,
): Promise<void> {
  const id = await client.ownId();
  const { kind, name } = await client.describeParticipant({ id });
  if ((kind === "person") === (role === "patient")) return;
  const own = profileAt(home, environment);
  const others = Object.entries(readConfiguration(environment).profiles).flatMap(([each, of]) =>
    of.role === role ? [`--profile ${each}`] : [],
  );
  const you = `${kind === "person" ? `participant ${id}, a person` : name}${own === undefined ? "" : ` (profile ${own})`}`;
  throw new ChartChainError("WRONG_PROFILE", `you act as ${you}, and this is for a ${role}`, {
    details: { participant: id, needed: role },
    hint: `Say who acts: ${others.join(" or ") || "--profile or --home"}`,
  });
}

async function accountFor({ flags, environment, chain, needs, ask, created, note }: Opening): Promise<Signer> {
  const { provider, local } = chain;
  const named = namedAccount(flags.wallet, environment);
  if (needs.account === "authority" && local && named === undefined) {
    if (isHomeNamed())
      note(caution("The authority of a local chain is its first account: the home or profile isn't used."));
    return nodeAccount(provider);
  }
  const create = needs.vault === "create";
  const source = named ?? { path: join(homeFolder(flags.home, environment, { create }), "wallet.json") };
  if (needs.account === "address") return readAccount(source, provider);
  if (create && "path" in source && !existsSync(source.path)) {
    created["wallet"] = source.path;
    return createWallet(source.path, provider, ask, testCost(environment, local));
  }
  return again(ask, () => openAccount(source, provider, ask));
}

/** How long one command waits for another one that has the vault open, and how often it looks, in milliseconds. */
const [PATIENCE, PAUSE] = [3_000, 100];

/** Opens something, again where another command has it open for a moment, or where somebody mistyped the passphrase. */
async function again<T>(ask: Pick<AskPassphrase, "mistyped">, open: () => Promise<T>): Promise<T> {
  const patient = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const isBusy = isChartChainError(error, "VAULT_IN_USE") && performance.now() < patient;
      if (isBusy) await sleep(PAUSE);
      else if (!isChartChainError(error, "WRONG_PASSPHRASE") || ask.mistyped?.() !== true) throw error;
    }
  }
}

function indexFor({ flags, environment, chain, needs }: Opening): Promise<ChainIndex> {
  const home = homeFolder(flags.home, environment, { create: needs.vault === "create" });
  const directory = vaultDirectory(home, BigInt(chain.deployment.chainId));
  return needs.index === "watch" ? openWatchIndex(directory, chain) : openHomeIndex(directory, chain);
}

async function vaultFor(opening: Opening): Promise<Vault | undefined> {
  const { flags, environment, chain, needs, ask, created } = opening;
  const { deployment, local } = chain;
  const { chainId, genesisHash, contracts } = deployment;
  const create = needs.vault === "create";
  const directory = vaultDirectory(homeFolder(flags.home, environment, { create }), BigInt(chainId));
  const cost = testCost(environment, local);
  const isNew = !existsSync(join(directory, "vault.sqlite"));
  if (isNew && needs.vault === "if-there") return undefined;
  try {
    const options = {
      directory,
      chain: { chainId: BigInt(chainId), genesisHash, contracts },
      passphrase: () => ask({ fresh: isNew }),
      ...(cost === undefined ? {} : { cost }),
    };
    const { backup } = needs;
    const vault = await again(backup === undefined ? ask : {}, () =>
      backup === undefined
        ? openVault({ ...options, create })
        : restoreVault({ ...options, backup: backup.bytes, backupPassphrase: backup.passphrase }),
    );
    if (isNew) created["vault"] = directory;
    return vault;
  } catch (error) {
    if (isChartChainError(error, "VAULT_NOT_FOUND")) {
      throw withHint(
        error,
        "Check --home. chartchain account register-provider and chartchain account register-patient make a vault where there is none.",
      );
    }
    if (needs.backup === undefined && isChartChainError(error, "WRONG_PASSPHRASE")) {
      throw new ChartChainError(error.code, `the vault does not open with this passphrase: ${directory}`, {
        details: { path: directory },
        hint: "Check the passphrase. Where it is lost, a backup opens with its own: chartchain vault restore --help",
      });
    }
    if (local && isChartChainError(error, "VAULT_OTHER_CHAIN")) {
      throw new ChartChainError(error.code, `the vault in ${directory} belongs to another chain`, {
        details: error.details,
        hint: beginAnew(directory, profileAt(flags.home, environment)),
        cause: error.cause,
      });
    }
    throw error;
  }
}

/** What to do with a vault of a local chain that is gone. */
export function beginAnew(directory: string, profile = "NAME"): string {
  let [old, number] = [`${directory}.old`, 1];
  while (existsSync(old)) old = `${directory}.old${++number}`;
  return [
    "A local chain starts empty each time, and nothing of the one before is left. To begin anew on this one:",
    `mv '${directory}' '${old}'`,
    `chartchain init ${profile}`,
  ].join("\n");
}

/** On a local chain, where nothing is worth guarding, tests may make new wallets and vaults cheaper to open. */
export function testCost(environment: Environment, local: boolean): number | undefined {
  const given = environment["CHARTCHAIN_TEST_SCRYPT_COST"];
  return local && given !== undefined ? Number(given) : undefined;
}

async function storeFor(flags: SessionFlags, chain: Chain, account: string): Promise<RecordStore> {
  if (flags.ipfs !== undefined) {
    const { create } = await import("kubo-rpc-client");
    return createKuboStore({ client: create(kuboAt(flags.ipfs)) });
  }
  return createEmbeddedStore({ directory: flags.store ?? besideDeployment(chain, "ipfs"), participant: account });
}

/** `fetch` takes no URL with a name and a password in it: they go into a header. */
export function kuboAt(given: string): { url: string; headers?: Record<string, string> } {
  const url = new URL(given);
  const { username, password } = url;
  if (username === "" && password === "") return { url: given };
  [url.username, url.password] = ["", ""];
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`, "utf8");
  return { url: url.href, headers: { authorization: `Basic ${credentials.toString("base64")}` } };
}
