import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { ChartChainError } from "chartchain/errors";
import { PURPOSES } from "chartchain";
import { z } from "zod";

/** Seconds. */
const MINUTE = 60;
const HOUR = 60 * MINUTE;

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `isn't a URL that begins with ${protocols.map((each) => `${each}//`).join(" or ")}`,
  });

const file = z.string().min(1);
const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

const CONFIG = z.strictObject({
  /** Where it listens; TLS ends before it. */
  listen: z
    .strictObject({
      host: z.string().default("127.0.0.1"),
      port: z.int().min(0).max(65_535).default(8_443),
    })
    .prefault({}),
  /** Addresses of the hospital's own proxies, whose word counts about where a request came from. */
  behindProxies: z.array(address).default([]),
  /** How many requests each client may make in a minute: by its sign-in, or before that by its address. */
  perMinute: z.int().min(1).max(1_000_000).default(1_200),
  /** Origins whose pages may ask it from a browser, such as a portal's `https://portal.example`. */
  origins: z
    .array(url("https:", "http:").refine((text) => new URL(text).origin === text, { error: "isn't an origin alone" }))
    .default([]),
  /** What clients call it: sign-ins are bound to it. */
  publicUrl: url("https:", "http:").transform((text) => text.replace(/\/+$/, "")),
  chain: z.strictObject({
    rpc: url("http:", "https:"),
    /** Further nodes, of other people, which have to agree. */
    otherNodes: z.array(url("http:", "https:")).default([]),
    /** The deployment's file. */
    deployment: file,
    /** Which block counts as final: the node's tag, or so many blocks behind the newest. */
    finality: z.union([z.literal("tag"), z.int().min(0).max(100_000)]).default("tag"),
  }),
  /** The institution's home: wallet and vault. */
  home: file,
  /** Where it keeps sign-ins, entries, the index of the chain, and the embedded store. */
  data: file,
  /** A file with the URL of a PostgreSQL database, for the store; the embedded one when left out. */
  databaseUrlFile: file.optional(),
  /** The hospital's FHIR R4 server, whose data is served; what was imported from files alone when left out. */
  upstream: z
    .strictObject({
      /** Its base. */
      url: url("https:", "http:"),
      /** A file with the bearer token that it wants, which is read before each request: whoever renews it replaces the file. */
      tokenFile: file.optional(),
      /** Where it may be though that isn't on the internet: addresses, or ranges. Without TLS nothing else is asked. */
      addresses: z.array(address).default([]),
      /** So many seconds after it was read, it is read again. */
      every: z.int().min(5).max(HOUR).default(MINUTE),
    })
    .optional(),
  /** What others may sign in for. */
  purposes: z.array(z.enum(PURPOSES)).min(1).default(["TREAT", "ETREAT", "PATRQT"]),
  /** How long a sign-in lasts, in seconds. */
  session: z
    .int()
    .min(MINUTE)
    .max(12 * HOUR)
    .default(HOUR),
  /**
   * Hands out keys and sealed records, and follows the chain for it. The hospital's wallet is unlocked then: it signs what is released.
   */
  deliveries: z
    .strictObject({
      /** Where sealed records lie: a folder, or a Kubo node by the URL of its RPC. */
      store: z.union([z.strictObject({ folder: file }), z.strictObject({ kubo: url("http:", "https:") })]),
      /** How often the chain is looked at, in seconds. */
      every: z.number().min(0.1).max(3_600).default(4),
    })
    .optional(),
  /** Sends, and pays for, what its patients signed. The hospital's wallet is unlocked then. */
  relay: z
    .strictObject({
      /** Units of gas that one action may take. */
      gasPerAction: z.int().min(21_000).default(1_000_000),
      /** Of one participant within a day. What only takes access away is never refused. */
      actionsPerDay: z.int().min(0).default(50),
      gasPerDay: z.int().min(0).default(20_000_000),
      /** Signed grants that count at once: for which purposes, none for none, and for how many seconds until they have to be final. */
      desk: z
        .strictObject({
          purposes: z.array(z.enum(PURPOSES)).default(["TREAT"]),
          lasts: z
            .int()
            .min(1)
            .max(24 * HOUR)
            .default(HOUR / 2),
        })
        .prefault({}),
    })
    .optional(),
  /** A file with the secret by which the hospital's own systems ask, for its own staff; nobody does when left out. */
  staffSecretFile: file.optional(),
});

/** How a gatekeeper is set up. Paths are absolute. */
export type Config = z.output<typeof CONFIG>;

const PATHS = ["home", "data", "databaseUrlFile", "staffSecretFile"] as const;

/**
 * Reads a configuration, and names everything that is wrong with it at once. Paths in it are relative to its file.
 *
 * @throws GATEKEEPER_MISCONFIGURED
 */
export function readConfig(path: string): Config {
  const refuse = (faults: string[], cause?: unknown) =>
    new ChartChainError(
      "GATEKEEPER_MISCONFIGURED",
      `${path} can't be used:\n${faults.map((each) => `- ${each}`).join("\n")}`,
      {
        details: { path, faults },
        hint: "Mend what is named, and start again. Nothing was started.",
        cause,
      },
    );
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw refuse(["it can't be read"], error);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refuse([`it is no JSON: ${(error as Error).message}`]);
  }
  const read = CONFIG.safeParse(json);
  if (!read.success) {
    throw refuse(
      read.error.issues.map((issue) => `${issue.path.length === 0 ? "it" : issue.path.join(".")}: ${issue.message}`),
    );
  }
  const config = read.data;
  const here = dirname(resolve(path));
  for (const name of PATHS) {
    const value = config[name];
    if (value !== undefined) config[name] = resolve(here, value);
  }
  config.chain.deployment = resolve(here, config.chain.deployment);
  const store = config.deliveries?.store;
  if (store !== undefined && "folder" in store) store.folder = resolve(here, store.folder);
  if (config.upstream?.tokenFile !== undefined) config.upstream.tokenFile = resolve(here, config.upstream.tokenFile);
  return config;
}
