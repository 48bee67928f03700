import type { SensitivityClass } from "./vocabulary.js";

/**
 * "Adolescent information sensitivity" of HL7 v3 ActCode, the only label that there is for care which a minor may consent to
 * alone. It is in {@link SENSITIVE_LABELS}, too.
 *
 * Source: https://terminology.hl7.org/CodeSystem-v3-ActCode.html
 */
export const CONFIDENTIAL_LABEL = "ADOL";

/**
 * Labels that a source has already put on the data: HL7 v3 ActCode sensitivities and privacy laws, confidentiality R
 * and V, refrains from disclosing again without consent, and codes of ActCode (programs of a coverage) and RoleCode
 * (places) whose name alone tells; v2 tables 0177, 0717 and 0907; confidentiality in Switzerland (SNOMED CT) and France.
 * Keys are in capitals; what a label says beyond the six named classes counts as OTHER.
 *
 * Sources: https://terminology.hl7.org/ValueSet-v3-InformationSensitivityPolicy.html,
 * https://terminology.hl7.org/ValueSet-v3-ActPrivacyLaw.html, https://hl7.org/fhir/uv/security-label-ds4p
 */
export const SENSITIVE_LABELS: ReadonlyMap<string, SensitivityClass> = new Map(
  Object.entries({
    PSYTHPN: "PSYTHPN HIPAAPSYNOTES",
    PSY: "PSY MH BH EMOTDIS COGN DVD PSYCHF PHU CAPC PSI PSYCH MENTPRG MENTPOL MENCAT ACMEN CPYC ABHC CDEP",
    ETH: "ETH ETHUD OPIOIDUD SUD 42CFRPART2 42CFRPART2CD TITLE38SECTION7332 TITLE38PART1 RHAT SURF SUBPRG SUBPOL ACSUBSTAB DRGRHB DRG",
    SEX: "SEX STD GENDER PREGNANT SEXTRNS INV",
    HIV: "HIV HIVAIDS AID",
    SDV: "SDV VIO MST IPV",
    OTHER: `SPI TBOO PRS SSP IDS SCA SICKLE CEL DIA DRGIS ADOL SMD NORDSCLCD NORDSLCD NODSCLCD NODSCLCDS HIPAASELFPAY R V
      263856008 1141000195107 MASQUE_PS INVISIBLE_PATIENT`,
  }).flatMap(([sensitivity, codes]) =>
    codes.split(/\s+/).map((code) => [code, sensitivity as SensitivityClass] as const),
  ),
);
