import type { Client } from "../client.js";
import type { Context } from "../context.js";
import type { WithContractsOf } from "../module.js";
import { dataBank } from "./data-bank/index.js";
import { studies } from "./studies/index.js";
import { transparencyLog } from "./transparency-log/index.js";

/** Every module of this repository, as it is deployed. */
export const allModules = [dataBank, studies, transparencyLog] as const;

/** A client with all of them. */
export type FullClient = Client<typeof allModules>;

/** What its actions work with. */
export type FullContext = Context & WithContractsOf<typeof allModules>;
