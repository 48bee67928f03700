import type { AuditEvent } from "@medplum/fhirtypes";

import { buildDisclosureEvent, categoryCoding } from "../../fhir/index.js";
import type { Context } from "../context.js";
import { participantIdentifier } from "../people/participants.js";
import { partyIn } from "./consents.js";
import type { Gathered } from "./gather.js";
import { instant, type MadeResource } from "./made-resource.js";
import { namedUrn } from "./named-urn.js";
import { OUTCOMES_IN_WORDS, timeInWords } from "./sentences.js";

const DICOM = "http://dicom.nema.org/resources/ontology/DCM";
const ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

/**
 * Every break-glass as an AuditEvent: DICOM's security alert "Emergency Override Started".
 *
 * Source: https://hl7.org/fhir/R4/auditevent.html
 */
export const eventsOfEmergencies = (ctx: Context, gathered: Gathered): MadeResource[] =>
  gathered.emergencies.map((emergency) => {
    const { responder, number, categories, until, at, outcome, block, reasonDigest } = emergency;
    const party = partyIn(ctx, gathered);
    const resource: AuditEvent = {
      resourceType: "AuditEvent",
      type: { system: DICOM, code: "110113", display: "Security Alert" },
      subtype: [{ system: DICOM, code: "110127", display: "Emergency Override Started" }],
      action: "E",
      recorded: instant(at),
      outcome: "0",
      outcomeDesc: `Review: ${OUTCOMES_IN_WORDS[outcome]}`,
      purposeOfEvent: [{ coding: [{ system: ACT_REASON, code: "ETREAT", display: "Emergency Treatment" }] }],
      agent: [{ who: party(responder), requestor: true }],
      source: { observer: { ...party(responder), display: `the chain, block ${block}` } },
      entity: [
        {
          what: party(gathered.patient),
          type: { system: "http://terminology.hl7.org/CodeSystem/audit-entity-type", code: "1", display: "Person" },
          role: { system: "http://terminology.hl7.org/CodeSystem/object-role", code: "1", display: "Patient" },
          ...(categories.length === 0 ? {} : { securityLabel: categories.map(categoryCoding) }),
          detail: [
            { type: "number of this responder's break-glasses", valueString: String(number) },
            { type: "could see until", valueString: timeInWords(until) },
            { type: "salted digest of the reason", valueString: reasonDigest },
          ],
        },
      ],
    };
    return { fullUrl: namedUrn("emergency", gathered.patient, responder, number), resource };
  });

/** What this vault handed keys out for, as AuditEvents: IHE BALP's disclosure at its source. */
export const eventsOfReleases = (ctx: Context, gathered: Gathered): MadeResource[] =>
  gathered.releases.map(({ recipient, purpose, keys, at, block }, place) => {
    const party = partyIn(ctx, gathered);
    const address = (id: number) => participantIdentifier(ctx, id).identifier.value;
    const resource = buildDisclosureEvent({
      recorded: instant(at),
      source: { who: party(gathered.exporter), address: address(gathered.exporter) },
      recipient: { who: party(recipient), address: address(recipient) },
      patient: party(gathered.patient),
      purpose,
      categories: [],
      objects: [],
      outcomeDesc: `${keys} ${keys === 1 ? "key" : "keys"} of compartments; consent checked at block ${block}`,
    });
    // That profile asks for the objects' identifiers, which a key has none of outside of a vault.
    delete resource.meta;
    return { fullUrl: namedUrn("release", gathered.exporter, gathered.patient, place, recipient, at), resource };
  });
