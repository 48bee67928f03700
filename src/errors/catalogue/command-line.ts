import type { Explanations } from "./explanation.js";

export const COMMAND_LINE = {
  BAD_USAGE: {
    why: "The command line is wrong. The process exits with 2.",
    fix: "Run it with `--help`.",
  },
  CANCELLED: {
    why: "The question was answered with no, or left with ^D. Nothing was done.",
    fix: "Run it again.",
  },
  CONFIGURATION_INVALID: {
    why: "The file with profiles and networks isn't what `chartchain init` and `chartchain network add` write.",
    fix: "Mend the file that the message names, or move it away and run `chartchain init`.",
  },
  CONFIRMATION_MISSING: {
    why: "The step has to be confirmed, and there is no terminal to ask on.",
    fix: "Look at it first; then run it with `--yes`.",
  },
  DELIVERY_FAILED: {
    why: "The transaction of the step is done, and the delivery file after it could not be made. `cause` says why.",
    fix: "Mend the cause; then make the file alone: `chartchain consent grant --deliver-only`.",
  },
  DEPLOYER_MISSING: {
    why: "Away from a local chain nobody pays for a deployment by default, and no account was named.",
    fix: "Name one: `--wallet FILE` with an encrypted JSON wallet, `--home DIR` with a wallet in it, or the private key in `CHARTCHAIN_KEY`.",
  },
  DEPLOYMENT_NOT_FOUND: {
    why: "There is no deployment file for this chain.",
    fix: "Deploy first (`chartchain network deploy`), or name the file with `--deployment`.",
  },
  EMERGENCY_OF_SOMEBODY_ELSE: {
    why: "The reason that was handed over is about a break-glass at another patient.",
    fix: "Ask the responder for the right file. A delegate names the patient with `--patient`.",
  },
  FILE_EXISTS: {
    why: "The output file is there already, or something where an export's folder is to be.",
    fix: "Give another name, or `--force`. An export overwrites nothing.",
  },
  FILE_NOT_JSON: {
    why: "The input file isn't JSON.",
    fix: "Check that it is the right one and was copied as a whole.",
  },
  FILE_TOO_LARGE: {
    why: "The input file is larger than any handover file.",
    fix: "Check that it is the right one.",
  },
  FILE_UNREADABLE: {
    why: "The input file can't be read, or is a pipe or a device, which may never end.",
    fix: "Check the path and its permissions; write what comes through a pipe to a file first.",
  },
  FILE_UNWRITABLE: {
    why: "The output file can't be written.",
    fix: "Check that its folder exists, is yours to write and has room.",
  },
  HISTORY_MISMATCH: {
    why: "The patient's events on this node don't add up to the head in the contract's state: a record was left out, added or reordered.",
    fix: "Ask another node; if it stays so, keep what the node answered.",
  },
  HOME_NOT_FOUND: {
    why: "The home folder that was named isn't there.",
    fix: "Check `--home` and `CHARTCHAIN_HOME`; only the register scripts make one.",
  },
  INPUT_UNREADABLE: {
    why: "There is nothing to read at the path given to `--input`.",
    fix: "Give the path of a FHIR file or of a folder of them.",
  },
  INTERRUPTED: {
    why: "Somebody interrupted the step, and it stopped in good order. The message says how far it came.",
    fix: "Run the same again: it goes on there, and adds nothing twice.",
  },
  JOINING_SOMEBODY_ELSE: {
    why: "The new account signed that it wants to act for another participant than the one that adds it.",
    fix: "Let the new account sign again with the right `--participant`.",
  },
  KEY_INVALID: {
    why: "`CHARTCHAIN_KEY` isn't a private key.",
    fix: "It has 64 hexadecimal digits, with or without `0x`.",
  },
  NETWORK_EXISTS: {
    why: "There is a network of that name, and another one is to be kept under it.",
    fix: "Give another name, or `--force`.",
  },
  NETWORK_IN_USE: {
    why: "Profiles are on the network that is to be forgotten; `details.profiles` names them. Or a local chain is to be started under a name under which another one runs.",
    fix: "Remove the profiles (`chartchain profile remove`), or stop the other chain. Or give another name.",
  },
  NETWORK_NOT_FOUND: {
    why: "A profile, or a flag, names a network that the configuration doesn't have.",
    fix: "`chartchain network list` shows those that it has; `chartchain network add` adds one.",
  },
  NODE_HAS_NO_ACCOUNT: {
    why: "The local node holds no account of its own to send ether from.",
    fix: "Start a node that holds some (`chartchain network start`), or give an account with `--wallet` or `CHARTCHAIN_KEY`.",
  },
  NOTHING_TO_DELIVER: {
    why: "The recipient was given everything before.",
    fix: "If the earlier file was lost: `chartchain consent grant --deliver-only --again`.",
  },
  NOTHING_TO_GRANT_AGAIN: {
    why: "Of what was revoked with everything else, nothing is left: it expired, was revoked by itself before, or was never granted.",
    fix: "Grant it anew with `chartchain consent grant`.",
  },
  NOT_A_LOCAL_CHAIN: {
    why: "Free ether was asked for, or the clock was to be moved, on a chain that isn't a local one.",
    fix: "Leave `--fund` out and send ether; a patient can do without (`--sign FILE`). For the time to pass, wait.",
  },
  PASSPHRASE_MISMATCH: {
    why: "The two passphrases differ. Nothing was created.",
    fix: "Run it again.",
  },
  PASSPHRASE_MISSING: {
    why: "Wallet and vault need a passphrase, and there is no terminal.",
    fix: "Set `CHARTCHAIN_PASSPHRASE`, or run it on a terminal.",
  },
  PASSPHRASE_WEAK: {
    why: "A new passphrase is short, among those that are tried first, or the name of its owner. Whoever copies the files tries out millions.",
    fix: "Take four or more words that don't belong together. What exists already opens with the passphrase that it has; `chartchain vault passphrase` changes it.",
  },
  PORT_TAKEN: {
    why: "Another program listens on the port on which a local chain is to be reached.",
    fix: "If it is a chain that you started, stop it with Ctrl-C, or work with it. Else give another `--port`.",
  },
  PROFILE_EXISTS: {
    why: "There is a profile of that name, with another home folder, network or role.",
    fix: "Give another name, or forget that profile: `chartchain profile remove NAME`. Its home folder stays.",
  },
  PROFILE_NOT_FOUND: {
    why: "`--profile` or `CHARTCHAIN_PROFILE` names a profile that the configuration doesn't have.",
    fix: "The error lists those that it has; `chartchain init` makes one.",
  },
  RECORDS_PARTLY_ADDED: {
    why: "Some records of the input are in the chart, and the others failed. What is added is whole and stays.",
    fix: "Mend the cause, then run the same again: it goes on there, and adds nothing twice.",
  },
  RECORD_AMBIGUOUS: {
    why: "The beginning of a digest fits several records.",
    fix: "Give more digits.",
  },
  UNEXPECTED: {
    why: "Something was thrown that is none of these errors.",
    fix: "Run it again with `CHARTCHAIN_DEBUG=1` and report what it prints.",
  },
  WRONG_PROFILE: {
    why: "A patient's step was taken as an institution, or an institution's as a person: no profile or home was named, or another one.",
    fix: "Name who acts with `--profile` or `--home`; `chartchain profile list` shows which there are.",
  },
  WALLET_INVALID: {
    why: "The file isn't an encrypted JSON wallet.",
    fix: "Use a keystore file (version 3), as most wallets export it.",
  },
  WALLET_NOT_FOUND: {
    why: "There is no wallet at this path.",
    fix: "Check `--home` and `--wallet`; only the register scripts make one.",
  },
} satisfies Explanations;
