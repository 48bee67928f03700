import type { SensitivityClass } from "./sensitive-codes.js";

/**
 * Labels that a source has already put on the data: HL7 v3 ActCode sensitivities and privacy laws, confidentiality R
 * and V, and v3 RoleCode places whose name alone tells. Keys are in capitals; what a label says beyond the six named
 * classes counts as OTHER.
 *
 * Sources: https://terminology.hl7.org/ValueSet-v3-InformationSensitivityPolicy.html,
 * https://terminology.hl7.org/ValueSet-v3-ActPrivacyLaw.html, https://hl7.org/fhir/uv/security-label-ds4p
 */
export const SENSITIVE_LABELS: ReadonlyMap<string, SensitivityClass> = new Map(
  Object.entries({
    PSYTHPN: "PSYTHPN HIPAAPSYNOTES",
    PSY: "PSY MH BH EMOTDIS COGN DVD PSYCHF PHU CAPC PSI",
    ETH: "ETH ETHUD OPIOIDUD SUD 42CFRPART2 42CFRPART2CD TITLE38SECTION7332 TITLE38PART1 RHAT SURF",
    SEX: "SEX STD GENDER PREGNANT",
    HIV: "HIV",
    SDV: "SDV VIO MST IPV",
    OTHER: "SPI TBOO PRS SSP IDS SCA SICKLE CEL DIA R V",
  }).flatMap(([sensitivity, codes]) =>
    codes.split(" ").map((code) => [code, sensitivity as SensitivityClass] as const),
  ),
);
