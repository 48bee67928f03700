import type { Explanations } from "./explanation.js";

export const VAULT = {
  BACKUP_MALFORMED: {
    why: "The bytes are no backup of a vault, were damaged, or are of a newer format.",
    fix: "Give the bytes that `backup` returned, unchanged.",
  },
  COMPARTMENT_CONFLICT: {
    why: "The same source gave this vault another key for this round of the compartment, or another key under this id.",
    fix: "Two writers opened the same round, or a key is forged. Keep the one that the steward signed for. Keys of others are not affected.",
  },
  COMPARTMENT_SHREDDED: {
    why: "This holder shredded the compartment; its key and envelopes are refused for ever.",
    fix: "New records go into a new round.",
  },
  ENVELOPE_CONFLICT: {
    why: "The vault has another envelope for this digest.",
    fix: "Open both and keep the one that opens; `replace: true` where it was sealed anew.",
  },
  HOME_NOT_PRIVATE: {
    why: "Others may read, write or enter the folder.",
    fix: "`chmod 700` it.",
  },
  HOME_UNUSABLE: {
    why: "The folder can't be created, or something else has its name.",
    fix: "Check its parent folder's permissions, or name another folder.",
  },
  RECORD_SHREDDED: {
    why: "This holder shredded the record; it is refused for ever.",
    fix: "If it must come back, the steward anchors it as a new record.",
  },
  TRANSACTION_CONFLICT: {
    why: "The journal has another transaction under this key, or another one for the account's nonce.",
    fix: "Find it by its key and send that one; a new intention needs a new key and the next nonce.",
  },
  TRANSACTION_UNKNOWN: {
    why: "The journal has no transaction under this key.",
    fix: "Begin it first, with the signed bytes, before it is sent.",
  },
  VAULT_CLOSED: {
    why: "The vault was closed before this use.",
    fix: "Open it again; close it only after the last use.",
  },
  VAULT_CORRUPT: {
    why: "The file is no vault, a page of it is damaged, or a sealed entry doesn't open.",
    fix: "Move the file away and restore from a backup; keep the damaged file until that worked.",
  },
  VAULT_EXISTS: {
    why: "A backup was to be restored where a vault is.",
    fix: "Restore into an empty folder, or move the vault that is there away.",
  },
  VAULT_FULL: {
    why: "There is no room on the disk. Nothing of what was refused is stored.",
    fix: "Free space and repeat.",
  },
  VAULT_IDENTITY_CONFLICT: {
    why: "The vault belongs to another participant, or has another seed for this key version.",
    fix: "Use one home folder for each participant; a key change needs the next free version.",
  },
  VAULT_INPUT_INVALID: {
    why: "A program gave the vault a value of a wrong type, length or range.",
    fix: "Pass what the hint says.",
  },
  VAULT_IN_USE: {
    why: "Another process, or this one, has the vault open.",
    fix: "Close the other program or wait until it ends.",
  },
  VAULT_KEY_VERSION_UNKNOWN: {
    why: "The vault has no seed for the key version that something is sealed to.",
    fix: "Ask for a new wrap to the current version, or open the vault that has the older one.",
  },
  VAULT_NEEDS_WORKER: {
    why: "In a browser, a vault was to be opened where there are no files with synchronous access: on a page's main thread, on a page that isn't secure, or in a browser without OPFS.",
    fix: "Open it in a dedicated worker of a page that came over https or from localhost.",
  },
  VAULT_NOT_FOUND: {
    why: "There is no vault in this folder.",
    fix: "Check the home folder and the chain id, or create one (`create: true`; the register scripts do).",
  },
  VAULT_OTHER_CHAIN: {
    why: "The vault or backup belongs to another chain id, genesis block or other contracts. `details.differences` names them.",
    fix: "Connect to the chain it belongs to. If that chain is gone for good, move the vault's folder away.",
  },
  VAULT_TRANSACTION_ASYNC: {
    why: "The function given to `transaction` returned a promise.",
    fix: "Await everything before; give it a function that only stores.",
  },
  VAULT_TRANSACTION_LOST: {
    why: "An earlier error ended this transaction.",
    fix: "Let that error pass, mend its cause and run the whole transaction again.",
  },
  VAULT_UNWRITABLE: {
    why: "The operating system refuses to read or write the file.",
    fix: "Check owner, permissions, quota and whether the disk is read-only.",
  },
  VAULT_VERSION: {
    why: "A newer version of chartchain wrote this vault.",
    fix: "Update chartchain.",
  },
  WORKLIST_FULL: {
    why: "An input has more than 32 MiB, or what waits on the worklist would come to more than 128 MiB. It was not kept.",
    fix: "Keep the file. Resolve or discard what waits, and add the file again; divide one that is larger.",
  },
} satisfies Explanations;
