export { openVault, restoreVault } from "./open-vault.js";
export type { OpenVaultOptions, RestoreVaultOptions } from "./open-vault.js";
