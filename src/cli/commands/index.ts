import type { Noun, Verb } from "../line/tree.js";
import account from "./account/index.js";
import authority from "./authority/index.js";
import bank from "./bank/index.js";
import child from "./child/index.js";
import consent from "./consent/index.js";
import delegate from "./delegate/index.js";
import emergency from "./emergency/index.js";
import identity from "./identity/index.js";
import key from "./key/index.js";
import network from "./network/index.js";
import profile from "./profile/index.js";
import record from "./record/index.js";
import recovery from "./recovery/index.js";
import relationship from "./relationship/index.js";
import representative from "./representative/index.js";
import study from "./study/index.js";
import vault from "./vault/index.js";

/** All commands, under the headings of the help. */
export const SECTIONS: Readonly<Record<string, Readonly<Record<string, Noun | Verb>>>> = {
  "At a glance": {
    whoami: ["who this home is on the network", () => import("./whoami.js")],
    status: ["what waits for this participant", () => import("./status.js")],
    watch: ["what happens, as it happens", () => import("./watch.js")],
  },
  "Set up": {
    init: ["set up a profile: wallet, vault, registration", () => import("./init.js")],
    doctor: ["look whether all is well, and say how to mend it", () => import("./doctor.js")],
    completion: ["complete words, flags and values in bash, zsh or fish", () => import("./completion.js")],
    profile,
    network,
    account,
    authority,
    identity,
  },
  Records: {
    relationship,
    record,
    consent,
    emergency,
    patients: ["a provider's patients", () => import("./patients.js")],
    disclosures: ["who looked, as far as it is known here", () => import("./disclosures.js")],
    worklist: ["what was refused in doubt, until a person decides", () => import("./worklist.js")],
    mcp: ["let a software agent read what was granted to it", () => import("./mcp.js")],
  },
  "In somebody's place": { delegate, representative, child },
  "Keys and vault": {
    key,
    vault,
    recovery,
    relay: ["send, and pay for, what somebody else signed", () => import("./relay.js")],
  },
  Incentive: { bank, study },
};

/** All commands by their first word. */
export const COMMANDS: Readonly<Record<string, Noun | Verb>> = Object.assign({}, ...Object.values(SECTIONS)) as Record<
  string,
  Noun | Verb
>;
