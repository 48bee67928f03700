import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { connect, createClient, parseDeployment, type Client } from "chartchain";
import { allModules } from "chartchain/sdk/modules";
import { openKeystore } from "chartchain/sdk/node";
import { openVault, vaultDirectory } from "chartchain/vault/node";
import { openIndex } from "chartchain/watch/node";
import { VoidSigner } from "ethers";
import type { FastifyInstance } from "fastify";

import { AccessDecider, type Kept } from "./access/access.js";
import { Changes } from "./access/changes.js";
import { rowOf } from "./access/single-records.js";
import type { Config } from "./config.js";
import { Entries } from "./entries/entries.js";
import { handOut } from "./hand-out.js";
import { takeActions } from "./take-actions.js";
import { Permits } from "./access/permits.js";
import { sealedStore } from "./blocks/sealed-store.js";
import { explainRoute } from "./http/explain-route.js";
import { fhirRoutes } from "./http/fhir-routes.js";
import { operationRoutes } from "./http/operation-routes.js";
import { createServer } from "./http/server.js";
import { signInRoutes } from "./http/sign-in-routes.js";
import { Authentication } from "./http/who-asks.js";
import { openJournal } from "./journal/journal.js";
import type { Log } from "./operate/log.js";
import { createMetrics } from "./operate/metrics.js";
import { SignIn } from "./sign-in/sign-in.js";
import { openDatabase, storeOn, type Store } from "./store/index.js";
import { Upstream } from "./upstream/upstream.js";

/** A gatekeeper that is open: it serves as soon as it listens. */
export interface Gatekeeper extends AsyncDisposable {
  app: FastifyInstance;
  client: Client<typeof allModules>;
  store: Store;
  entries: Entries;
  access: AccessDecider;
  /** The hospital's FHIR server, where the configuration names one. */
  upstream: Upstream | undefined;
  /** The institution that it is of. */
  institution: number;
}

/** What is of this process, and not of the configuration. */
export interface Surroundings {
  log: Log;
  /** The passphrase of the institution's vault. */
  passphrase: () => Promise<string>;
  version: string;
  /** Seconds since 1970. */
  clock?: () => number;
}

/**
 * Opens vault, index, journal and store, and puts the service on them. What was opened is closed again when a later part fails.
 *
 * @throws what the parts throw: JOURNAL_…, VAULT_…, WRONG_PASSPHRASE, INDEX_…, CHAIN_UNREACHABLE, WRONG_CHAIN, DEPLOYMENT_INVALID,
 *   NOT_REGISTERED, GATEKEEPER_MISCONFIGURED
 */
export async function openGatekeeper(config: Config, surroundings: Surroundings): Promise<Gatekeeper> {
  const { log, passphrase, version, clock = () => Math.floor(Date.now() / 1000) } = surroundings;
  await using stack = new AsyncDisposableStack();
  const journal = openJournal(config.data);
  stack.defer(() => journal.close());

  const provider = await connect(config.chain.rpc);
  stack.defer(() => provider.destroy());
  const deployment = parseDeployment(JSON.parse(readFileSync(config.chain.deployment, "utf8")));
  const { chainId, genesisHash, contracts } = deployment;
  const vault = await openVault({
    directory: vaultDirectory(config.home, BigInt(chainId)),
    chain: { chainId: BigInt(chainId), genesisHash, contracts },
    passphrase,
  });
  stack.defer(() => vault.close());
  const wallet = join(config.home, "wallet.json");
  const store =
    config.deliveries === undefined ? undefined : await sealedStore(config.deliveries.store, accountIn(wallet));
  if (store !== undefined) stack.defer(() => store.close());
  const index = await openIndex({ file: join(config.data, "index.sqlite"), provider, deployment, scope: "whole" });
  stack.defer(() => index.close());
  const client = await createClient({
    // Who hands nothing out, and sends nothing, signs nothing: whose account it is says who the institution is.
    runner:
      store === undefined && config.relay === undefined
        ? new VoidSigner(accountIn(wallet), provider)
        : await openKeystore(readFileSync(wallet, "utf8"), await passphrase(), { path: wallet, provider }),
    ...{ deployment, vault, events: index, modules: allModules },
    ...(store === undefined ? {} : { store }),
    otherNodes: config.chain.otherNodes,
    finality: config.chain.finality,
    clock,
  });
  const institution = await client.ownId();

  const database = await openDatabase(placeOf(config));
  const fhir = storeOn(database, { pageKey: keptKey(join(config.data, "page-key")) });
  stack.defer(() => fhir.close());
  const changes = new Changes(index, [contracts.Records, contracts.Summary]);
  const kept: Kept = {
    kinds: () => fhir.kinds(),
    edition: () => fhir.edition(),
    records: async ({ patient, category, confidential }) =>
      (await fhir.records(patient))
        .filter((record) => record.category === category && record.confidential === confidential)
        .map(rowOf),
  };
  const access = new AccessDecider(client, institution, kept, changes);
  const upstream =
    config.upstream === undefined
      ? undefined
      : await Upstream.open({ database, store: fhir, client, clock, onChange: () => access.forget() }, config.upstream);
  const entries = new Entries(journal);
  const metrics = createMetrics({ block: () => index.state.head, entries: () => entries.count });
  const signIn = new SignIn(journal, client, changes, {
    ...{ publicUrl: config.publicUrl, purposes: config.purposes, lifetime: config.session, clock },
  });
  const staff = config.staffSecretFile === undefined ? undefined : readFileSync(config.staffSecretFile, "utf8").trim();
  const authentication = new Authentication(signIn, changes, staff);

  const app = await createServer({
    ...{ log, metrics, version },
    ...{ perMinute: config.perMinute, behindProxies: config.behindProxies, origins: config.origins },
    isStaff: (request) => authentication.isStaff(request),
    signedInAs: (request) => authentication.signedInAs(request),
  });
  stack.defer(() => app.close());
  operationRoutes(app, {
    metrics,
    readiness: {
      chain: async () => void (await index.sync()),
      store: async () => void (await fhir.patients()),
      ...(upstream === undefined ? {} : { upstream: async () => upstream.behind }),
    },
  });
  signInRoutes(app, signIn);
  const permits = new Permits(client, institution);
  const onTaken = () => {
    access.forget();
    permits.forget();
  };
  const given = { client, vault, institution, permits, onTaken, log, authentication, entries, clock };
  const taking = takeActions(app, journal, { ...given, access, relay: config.relay });
  stack.defer(() => taking.stop());
  const { handedOver } = taking;
  explainRoute(app, { client, steward: institution, authentication, entries, clock, handedOver });
  fhirRoutes(app, {
    ...{ store: fhir, access: taking.access, entries, authentication, metrics },
    ...{ publicUrl: config.publicUrl, version, clock },
    isStillSo: async (found) => (await upstream?.isStillSo(found)) ?? true,
  });
  if (config.deliveries !== undefined && store !== undefined) {
    const handing = handOut(app, journal, { ...given, store, every: config.deliveries.every });
    stack.defer(() => handing.stop());
  }

  const opened = stack.move();
  return {
    ...{ app, client, store: fhir, entries, access, upstream, institution },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The address in a wallet's file, which stays locked. */
function accountIn(wallet: string): string {
  const { address } = JSON.parse(readFileSync(wallet, "utf8")) as { address: string };
  return address.startsWith("0x") ? address : `0x${address}`;
}

const placeOf = ({ databaseUrlFile, data }: Config) =>
  databaseUrlFile === undefined
    ? { folder: join(data, "fhir") }
    : { url: readFileSync(databaseUrlFile, "utf8").trim() };

/** A key that is the same after a restart, for its owner alone. */
function keptKey(file: string): Uint8Array {
  if (!existsSync(file)) {
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32), { mode: 0o600, flag: "wx" });
  }
  return readFileSync(file);
}
