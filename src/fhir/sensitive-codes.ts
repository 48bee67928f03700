import type { SystemName } from "./codings.js";
import type { SensitivityClass } from "./vocabulary.js";

/** A class that codes and words can tell. */
export type Sensitivity = Exclude<SensitivityClass, "OTHER">;

/** A group of single codes. Codes are facts of their code systems; the choice of them is ours. */
export interface CodeGroup {
  sensitivity: Sensitivity;
  /** What the group holds. */
  about: string;
  /** `hl7` for the many small code systems of HL7: the last part of the URI, #, and the code. */
  system: SystemName | "hl7";
  /** Codes separated by white space. */
  codes: string;
}

/**
 * Single codes that make a resource sensitive. Not a value set: it holds what common problem lists, laboratories,
 * screening programmes and Synthea use; whole chapters stand in sensitive-prefixes.ts.
 *
 * Drawn openly: alcohol use is in and tobacco is out (as in IHE Privacy Consent on FHIR); contraception, infections
 * passed on sexually, loss and termination of a pregnancy are in, an ordinary pregnancy is out (maternity care needs
 * it, and so does a patient summary); dementia is out (a neurological disease in most lists); an opioid taken for pain
 * is out, methadone and buprenorphine are in.
 */
export const SENSITIVE_CODES: readonly CodeGroup[] = [
  {
    sensitivity: "PSY",
    about: "mood disorders",
    system: "snomed",
    codes: `35489007 370143000 36923009 66344007 78667006 13746004 58703003 231504006 87414006 191610000 320751009`,
  },
  {
    sensitivity: "PSY",
    about: "anxiety, stress and trauma disorders",
    system: "snomed",
    codes: `197480006 21897009 371631005 80583007 47505003 191736004 17226007 48694002 25501002 386810004`,
  },
  {
    sensitivity: "PSY",
    about: "psychotic, personality, dissociative and eating disorders; mental disorder unspecified",
    system: "snomed",
    codes: `58214004 69322001 68890003 48500005 33449004 20010003 44376007 72366004 56882008 78004001 74732009`,
  },
  {
    sensitivity: "PSY",
    about: "disorders of development and attention",
    system: "snomed",
    codes: `406506008 192127007 35919005 408856003`,
  },
  {
    sensitivity: "PSY",
    about: "suicide and self-harm",
    system: "snomed",
    codes: `6471006 82313006 44301001 248062006 86849004 287182007 287185009 287191006 287193009 225444004 225337009
      183401008 183402001 415665002 10029008`,
  },
  {
    sensitivity: "PSY",
    about: "psychiatric screening, care and services",
    system: "snomed",
    codes: `171207006 454711000124102 715252007 112001000119100 112011000119102 710841007 385892002 405783006 79094001
      90407005 88848003 736254008 718347000 737434004 768835002 75516001 76168009 228557008 304822001 425680009
      406185000 386522008 394587001 394913002`,
  },
  {
    sensitivity: "PSY",
    about: "specialties and facilities",
    system: "snomed",
    codes: `408467006 394588006 62480006 14866005 51563005 309898008`,
  },
  { sensitivity: "PSY", about: "HL7 service categories", system: "service-category", codes: `22` },
  { sensitivity: "ETH", about: "HL7 service categories", system: "service-category", codes: `12` },
  {
    sensitivity: "PSY",
    about: "HL7 service types: mental health and crisis services, gambling",
    system: "service-type",
    codes: `70 78 81 134 135 136 137 138 139 140 141 142 239 242 243 244 250 262 316 328 346 406 414 417 418 419 420 421
      422 423 490 541 564`,
  },
  {
    sensitivity: "ETH",
    about: "HL7 service types: alcohol and drugs",
    system: "service-type",
    codes: `105 106 108 111 247 317 386 455 552`,
  },
  {
    sensitivity: "SEX",
    about: "HL7 service types: family planning, fertility, sexual health",
    system: "service-type",
    codes: `54 67 187 264 301 440 441 450 451`,
  },
  {
    sensitivity: "SDV",
    about: "HL7 service types: abuse and violence",
    system: "service-type",
    codes: `46 72 80 82 233 439 467 485 543`,
  },
  {
    sensitivity: "PSY",
    about: "HL7 admissions, discharges, plans and programs",
    system: "hl7",
    codes: `discharge-disposition#psy admit-source#psych insurance-plan-type#mental ex-programcode#auscr`,
  },
  {
    sensitivity: "ETH",
    about: "HL7 plans, programs, episodes and observations",
    system: "hl7",
    codes: `insurance-plan-type#subst-ab episodeofcare-type#da program#32 v3-observationvalue#DRUG
      v3-observationvalue#IVDRG`,
  },
  {
    sensitivity: "SEX",
    about: "HL7 gender identity, benefits",
    system: "hl7",
    codes: `gender-identity#transgender-female gender-identity#transgender-male gender-identity#non-binary
      ex-benefitcategory#61`,
  },
  { sensitivity: "SDV", about: "HL7 programs", system: "hl7", codes: `program#41` },
  {
    sensitivity: "SEX",
    about: "gender identity",
    system: "snomed",
    codes: `446141000124107 446151000124109 407376001 407377005 446131000124102 33791000087105`,
  },
  { sensitivity: "ETH", about: "facilities", system: "snomed", codes: `20078004` },
  { sensitivity: "SEX", about: "facilities", system: "snomed", codes: `25681007` },
  {
    sensitivity: "PSY",
    about: "psychiatric instruments and notes",
    system: "loinc",
    codes: `44250-9 44255-8 44259-0 44254-1 44251-7 44258-2 44252-5 44253-3 44260-8 69725-0 68509-9 69733-4 69734-2
      69735-9 69689-8 69736-7 44249-1 44261-6 55757-9 55758-7 69737-5 70274-6 71354-5 73831-0 73832-8 71966-6 71968-2 75443-2 84215-3
      87626-8 34788-0 28627-8`,
  },
  {
    sensitivity: "PSY",
    about: "psychotropic products that Synthea prescribes (others are known by their ingredient)",
    system: "rxnorm",
    codes: `310385 312938 328670 308047 1091392 608139`,
  },
  {
    sensitivity: "ETH",
    about: "alcohol use and its disorders",
    system: "snomed",
    codes: `7200002 15167005 66590003 228273003 160573003 10939881000119105 24165007 763302001 25702006`,
  },
  {
    sensitivity: "ETH",
    about: "drug use and its disorders",
    system: "snomed",
    codes: `5602001 75544000 26416006 191816009 6525002 66214007 37344009 85005007 78267003 31956009 84758004 21647008
      55680006 361055000`,
  },
  {
    sensitivity: "ETH",
    about: "counselling, screening and treatment for substance use",
    system: "snomed",
    codes: `313071005 408935001 408936000 428211000124100 713106006 868187001 56876005 310653000 266707007`,
  },
  {
    sensitivity: "ETH",
    about: "alcohol and drug use findings, instruments",
    system: "loinc",
    codes: `74013-4 11331-6 72109-2 75626-2 75624-7 82667-7 11343-1 5640-8`,
  },
  {
    sensitivity: "ETH",
    about: "treatment of opioid use (others are known by their ingredient)",
    system: "rxnorm",
    codes: `864718`,
  },
  {
    sensitivity: "SEX",
    about: "sexually transmitted infections and tests for them",
    system: "snomed",
    codes: `8098009 76272004 15628003 105629000 33839006 266113007 165829005 269828009 310861008`,
  },
  {
    sensitivity: "SEX",
    about: "contraception and sterilization",
    system: "snomed",
    codes: `65200003 68254000 46706006 169553002 301807007 22523008 287664005 13197004`,
  },
  {
    sensitivity: "SEX",
    about: "loss and termination of a pregnancy",
    system: "snomed",
    codes: `19169002 17369002 10383002 386394001 714812005 57797005 5880005`,
  },
  {
    sensitivity: "SEX",
    about: "sexual orientation and gender identity, sexual history",
    system: "loinc",
    codes: `76690-7 76691-5 64728-9`,
  },
  {
    sensitivity: "SEX",
    about: "contraceptives that Synthea prescribes (others are known by their ingredient)",
    system: "rxnorm",
    codes: `748856 748879 748962 749762 749785 749882 751905 757594 807283 831533 978950 1000126 1359133 1366343
      1367439 235389 389221`,
  },
  {
    sensitivity: "HIV",
    about: "HIV infection, tests and counselling",
    system: "snomed",
    codes: `86406008 62479008 165816005 91947003 52079000 31676001 313077009 171121004`,
  },
  {
    sensitivity: "HIV",
    about: "HIV tests and status",
    system: "loinc",
    codes: `75622-1 56888-1 7917-8 29893-5 25836-8 20447-9 55277-8 48345-3 30361-0 5221-7 31201-7 68961-2 80203-3`,
  },
  {
    sensitivity: "SDV",
    about: "abuse, assault and violence",
    system: "snomed",
    codes: `706893006 866148006 424393004 397940009 248110007`,
  },
  {
    sensitivity: "SDV",
    about: "screening for violence by a partner",
    system: "loinc",
    codes: `76499-3 76504-0 95615-1 95616-9 95617-7 95618-5`,
  },
];
