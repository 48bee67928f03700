export { dataHome, resolveHome, vaultDirectory } from "./home.js";
export type { HomeEnvironment } from "./home.js";
export { openVault, preparePassphraseChange, restoreVault } from "./open-vault.js";
export type { OpenVaultOptions, RestoreVaultOptions } from "./open-vault.js";
