import type { Consent, ConsentProvisionData, Period } from "@medplum/fhirtypes";

import { buildConsent, SENSITIVITY_CLASSES, type Category, type Purpose } from "../../fhir/index.js";
import type { Narrowing } from "../consent/constraint.js";
import type { Context } from "../context.js";
import type { DelegateEntry } from "../people/delegates.js";
import { participantIdentifier } from "../people/participants.js";
import { EVERY_STEWARD, PURPOSES } from "../vocabulary.js";
import { instant, narrative, type MadeResource } from "./made-resource.js";
import type { AgreedRelationship, Gathered } from "./gather.js";
import type { GrantAct, GrantStanding } from "./grant-acts.js";
import { namedUrn } from "./named-urn.js";
import {
  categoriesInWords,
  grantInWords,
  powersInWords,
  purposeInWords,
  sourceInWords,
  STATUSES_IN_WORDS,
  timeInWords,
} from "./sentences.js";

const POLICY = "https://hl7.org/fhir/R4/consent.html";

const STANDINGS_IN_WORDS: Readonly<Record<GrantStanding, string>> = {
  active: "Stands",
  expired: "Expired",
  revoked: "Revoked",
  replaced: "Replaced by a later grant",
};

/**
 * Every grant as a Consent: one for each act of granting and each way in which its categories stand, so that what is `active`
 * names what is open and nothing else.
 */
export const consentsOfGrants = (ctx: Context, gathered: Gathered): MadeResource[] =>
  gathered.grants.flatMap((act) => {
    const standings = [...new Set(act.categories.map(({ standing }) => standing))];
    return standings.map((standing) => {
      const categories = act.categories.flatMap((each) => (each.standing === standing ? [each.category] : []));
      return consentOfGrant(ctx, gathered, act, standing, categories);
    });
  });

function consentOfGrant(
  ctx: Context,
  gathered: Gathered,
  act: GrantAct,
  standing: GrantStanding,
  categories: readonly Category[],
): MadeResource {
  const { by, basis, viewer, steward, purpose, at, until, narrowing } = act;
  const party = partyIn(ctx, gathered);
  const { organization, provision, ...consent } = buildConsent({
    patient: party(gathered.patient),
    recipient: party(viewer),
    custodian: party(steward),
    purposes: [purpose],
    categories,
    period: { start: instant(Math.max(at, narrowing?.notBefore ?? at)), end: instant(until) },
    dateTime: instant(at),
    policyUri: POLICY,
    status: standing === "active" ? "active" : "inactive",
    ...(basis === "patient" || by === undefined ? {} : { performer: party(by) }),
  });
  const told = `${STANDINGS_IN_WORDS[standing]}: ${grantInWords(act, categories, gathered)}`;
  const resource: Consent = {
    ...consent,
    text: narrative(told),
    ...(steward === EVERY_STEWARD ? {} : { organization }),
    provision: { ...provision, ...narrowed(narrowing ?? {}) },
  };
  // Nobody known agreed: a performer would be made up.
  if (by === undefined) delete resource.performer;
  return { fullUrl: namedUrn("grant", act.transaction, viewer, purpose, steward, standing, ...categories), resource };
}

/** What narrows a grant, as far as R4 has elements for it; the narrative says all of it. */
function narrowed({ classes, from, to, encounter, records }: Narrowing): Partial<Consent["provision"]> {
  const data: ConsentProvisionData[] = [
    ...(records ?? []).map((digest) => ({
      meaning: "instance" as const,
      reference: { identifier: recordIdentifier(digest) },
    })),
    ...(encounter === undefined ? [] : [{ meaning: "related" as const, reference: { display: encounter } }]),
  ];
  const dataPeriod: Period = {
    ...(from === undefined ? {} : { start: instant(from) }),
    ...(to === undefined ? {} : { end: instant(to) }),
  };
  return {
    ...(classes === undefined || classes.length === 0 ? {} : { securityLabel: classes.flatMap(classCoding) }),
    ...(Object.keys(dataPeriod).length === 0 ? {} : { dataPeriod }),
    ...(data.length === 0 ? {} : { data }),
  };
}

const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/** A class of sensitive data as HL7 v3 spells it; what is OTHER has no code there. */
export const classCoding = (name: string): { system: string; code: string }[] =>
  name !== "OTHER" && (SENSITIVITY_CLASSES as readonly string[]).includes(name)
    ? [{ system: ACT_CODE, code: name }]
    : [];

/** What names a record anywhere: its digest. */
export const recordIdentifier = (digest: string) => ({
  system: "urn:ietf:rfc:3986",
  value: `urn:sha256:${digest.slice(2)}`,
});

/**
 * The terms of each relationship as a Consent. That is the resource in which they were sealed and signed for, and the one that
 * says who may see what, for what and until when; a Contract would ask for parties' signatures that aren't there, a CareTeam
 * says who cares and not who may see.
 */
export const consentsOfRelationships = (ctx: Context, gathered: Gathered): MadeResource[] =>
  gathered.relationships.map((relationship) => {
    const { provider, terms, since, until, status, nonce } = relationship;
    const party = partyIn(ctx, gathered);
    const consent = buildConsent({
      patient: party(gathered.patient),
      recipient: party(provider),
      custodian: party(provider),
      purposes: terms?.purposes ?? [],
      categories: terms?.categories ?? [],
      period: { start: instant(since), ...(until === 0 ? {} : { end: instant(until) }) },
      dateTime: instant(since),
      policyUri: POLICY,
      status: CONSENT_STATUSES[status],
    });
    const resource: Consent = { ...consent, text: narrative(relationshipInWords(relationship, gathered)) };
    if (terms === undefined) {
      delete resource.provision!.purpose;
      delete resource.provision!.class;
    }
    return { fullUrl: namedUrn("relationship", gathered.patient, provider, nonce), resource };
  });

const CONSENT_STATUSES: Readonly<
  Record<AgreedRelationship["status"], "proposed" | "active" | "rejected" | "inactive">
> = {
  ...{ None: "inactive", Proposed: "proposed", Active: "active", Ended: "inactive", Declined: "rejected" },
  ...{ SuspendedByPatient: "inactive", SuspendedByProvider: "inactive", Withdrawn: "inactive", Lapsed: "inactive" },
};

function relationshipInWords(
  { provider, terms, since, until, status, licensed }: AgreedRelationship,
  { nameOf }: Gathered,
): string {
  const agreed =
    terms === undefined
      ? "what was agreed on isn't in this vault"
      : `it keeps ${categoriesInWords(terms.categories)} for ${terms.purposes.map(purposeInWords).join(", ")}`;
  const end = until === 0 ? "no end" : `until ${timeInWords(until)}`;
  const licence = licensed ? "" : "; its licence isn't live";
  return `${nameOf(provider)}: ${STATUSES_IN_WORDS[status]} since ${timeInWords(since)}, ${end}; ${agreed}${licence}`;
}

/** Who may act in the patient's place as a Consent: what may be viewed stands in it, the other powers in its narrative. */
export const consentsOfDelegates = (ctx: Context, gathered: Gathered): MadeResource[] =>
  gathered.delegates.map((entry) => consentOfDelegate(ctx, gathered, entry));

function consentOfDelegate(ctx: Context, gathered: Gathered, entry: DelegateEntry): MadeResource {
  const { delegate, from, until, source, view } = entry;
  const party = partyIn(ctx, gathered);
  const start = instant(from === 0 ? gathered.block.time : from);
  const { organization, ...consent } = buildConsent({
    patient: party(gathered.patient),
    recipient: party(delegate),
    custodian: party(source),
    purposes: view.length === 0 ? [] : (PURPOSES satisfies readonly Purpose[]),
    categories: view,
    period: { start, end: instant(until) },
    dateTime: start,
    policyUri: POLICY,
    status: from > gathered.block.time ? "proposed" : "active",
  });
  const told = `${gathered.nameOf(delegate)} may act in the patient's place until ${timeInWords(until)}, by the word of ${sourceInWords(entry, gathered)}: ${powersInWords(entry)}`;
  const resource: Consent = {
    ...consent,
    text: narrative(told),
    ...(source === gathered.patient ? {} : { organization }),
  };
  if (from === 0) {
    delete resource.dateTime;
    delete resource.provision!.period!.start;
  }
  if (source !== gathered.patient) delete resource.performer;
  if (view.length === 0) {
    delete resource.provision!.purpose;
    delete resource.provision!.class;
  }
  return { fullUrl: namedUrn("delegate", gathered.patient, delegate, source, until), resource };
}

/** A participant as a reference: its number on the chain, and what it is called. */
export const partyIn =
  (ctx: Context, { nameOf }: Gathered) =>
  (participant: number) => ({ ...participantIdentifier(ctx, participant), display: nameOf(participant) });
