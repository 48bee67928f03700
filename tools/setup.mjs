#!/usr/bin/env node
/**
 * Gets a clone ready to run: installs the dependencies and compiles the contracts, each only when missing or stale.
 * npm calls it before every script that needs it. Plain JavaScript without dependencies, for Node 20 and later.
 */
import { exit, versions } from "node:process";

import { contractsAreFresh, buildContracts } from "./setup/contracts.mjs";
import { dependenciesAreFresh, installDependencies } from "./setup/install.mjs";
import { writeLaunchers } from "./setup/launcher.mjs";
import { withLock } from "./setup/lock.mjs";

const OLDEST_NODE = 20;

try {
  if (Number.parseInt(versions.node, 10) < OLDEST_NODE) {
    throw new Error(
      `Node ${versions.node} is too old to start with: install Node ${OLDEST_NODE} or later and try again.`,
    );
  }
  if (!dependenciesAreFresh() || !contractsAreFresh()) {
    await withLock(async () => {
      // Asked again: whoever held the lock before may have done the work.
      if (!dependenciesAreFresh()) await installDependencies();
      if (!contractsAreFresh()) await buildContracts();
    });
  }
  writeLaunchers();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  exit(1);
}
