import type { Explanations } from "./explanation.js";

export const GATEKEEPER = {
  GATEKEEPER_MISCONFIGURED: {
    why: "The gatekeeper's configuration lacks something, has something that it doesn't know, or names what isn't there. Every fault is named at once.",
    fix: "Mend what the message names, and start again. Nothing was started.",
  },
  GATEKEEPER_MALFORMED: {
    why: "A gatekeeper answered something else than what it was asked for, or wants something else signed than a sign-in at its address.",
    fix: "Check the address: the gatekeeper has to be called by it (`publicUrl` of its configuration). Nothing was signed, or taken, of this answer.",
  },
  GATEKEEPER_REFUSED: {
    why: "A gatekeeper says no: the message has its words.",
    fix: "Do what it says; where the sign-in is over, ask again.",
  },
  GATEKEEPER_UNREACHABLE: {
    why: "A gatekeeper doesn't answer, takes too long, or says that it can't answer now.",
    fix: "Try again later. What came so far stays, and what other gatekeepers had came all the same.",
  },
  GATEKEEPER_URL_INVALID: {
    why: "What was given is no address of a gatekeeper: no URL, or one with a query or a password, or without https. Only on this machine does http do: a sign-in that goes over the network in the clear is everybody's.",
    fix: "Give what stands before `/deliveries`, such as `https://gatekeeper.example`.",
  },
  JOURNAL_FULL: {
    why: "There is no room left for the gatekeeper's entries. What isn't entered doesn't go out, so nothing is served.",
    fix: "Free disk space.",
  },
  JOURNAL_IN_USE: {
    why: "Another process has the journal of this data folder open: two would each serve what the other doesn't know of.",
    fix: "Stop the other one, or give this one a data folder of its own.",
  },
  JOURNAL_UNUSABLE: {
    why: "The journal, which has sign-ins and entries, can't be read or written, or another edition of the program wrote it.",
    fix: "Check the folder's owner and disk, or restore the newest backup of the data folder.",
  },
  SIGN_IN_MALFORMED: {
    why: "What was sent to sign in lacks a part, or isn't what the OpenAPI document describes.",
    fix: "Send what /openapi.json describes. Nothing was used up.",
  },
  SIGN_IN_REFUSED: {
    why: "The signature doesn't fit the challenge, the challenge was used or has expired, or the account acts for no participant.",
    fix: "Ask for a new challenge, and sign exactly its message with an account that acts for a participant. A contract account is believed only where the gatekeeper asks several nodes.",
  },
  UPSTREAM_ADDRESS_REFUSED: {
    why: "The hospital's FHIR server is at an address of this machine, of a private network or of a cloud's own services, or is to be asked without TLS, and the configuration doesn't list that address.",
    fix: "If it is the right server, list its address under upstream.addresses. Else check who answers for its name: nothing was sent.",
  },
  UPSTREAM_BEHIND: {
    why: "What the gatekeeper has of the hospital's FHIR server isn't of now: it wasn't read to the end yet, or not for too long, or it changes while it is asked. Others are shown nothing then.",
    fix: "Look into the gatekeeper's log for why sync fails, and whether the FHIR server answers.",
  },
  UPSTREAM_CHANGED: {
    why: "The store was filled from another FHIR server than the one that the configuration names: two servers' ids mean different people.",
    fix: "Name the former server, or give the gatekeeper an empty store.",
  },
  UPSTREAM_PATIENT_UNKNOWN: {
    why: "The hospital's FHIR server has no Patient of that id, as far as it was read.",
    fix: "Look at chartchain-gatekeeper patients, or sync first.",
  },
} satisfies Explanations;
