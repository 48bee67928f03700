import type { SystemName } from "./codings.js";
import type { Sensitivity } from "./sensitive-codes.js";

/** Whole chapters and blocks of a classification, by the beginning of the code (dots left out). */
export interface PrefixGroup {
  sensitivity: Sensitivity;
  system: SystemName;
  /** Matches a code without dots, from its start. */
  pattern: RegExp;
  /** What the codes are. */
  about: string;
  /** They may mean something ordinary, too; see WordGroup. */
  doubtful?: true;
}

/**
 * Rules for classifications, where a prefix means a chapter. Tobacco (ICD-10 F17, ICD-9 305.1, ATC N07BA) is left out,
 * as in sensitive-codes.ts.
 */
export const SENSITIVE_PREFIXES: readonly PrefixGroup[] = [
  { system: "icd10", sensitivity: "ETH", pattern: /^F1(?!7)/, about: "F10–F19 psychoactive substances" },
  {
    system: "icd10",
    sensitivity: "PSY",
    pattern: /^F(?:0[4-9]|[2-9])/,
    about: "F04–F09 and F20–F99 mental and behavioural disorders, dementia (F00–F03) left out",
  },
  {
    system: "icd10",
    sensitivity: "PSY",
    pattern: /^(?:X[67]\d|X8[0-4]|T1491|R4[456]|Z915)/,
    about: "self-harm, emotional state",
  },
  {
    system: "icd10",
    sensitivity: "PSY",
    pattern: /^T(?:3[6-9]|[45]\d|6[0-5])[A-Z0-9]{2}2/,
    about: "ICD-10-CM: poisoning as intentional self-harm (sixth character 2)",
  },
  {
    system: "icd10",
    sensitivity: "SDV",
    pattern: /^T(?:3[6-9]|[45]\d|6[0-5])[A-Z0-9]{2}3/,
    about: "ICD-10-CM: poisoning as assault (sixth character 3)",
  },
  { system: "icd10", sensitivity: "PSY", pattern: /^Z(?:133|032|004|046|865|818)/, about: "screening and history" },
  {
    system: "icd10",
    sensitivity: "ETH",
    pattern:
      /^(?:K70|G312|G621|G721|I426|K292|K852|K860|E244|O354|O355|O9931|O9932|P043|P044|P0481|P961|Q860|Z8114|Z8113|Z811)/,
    about: "organs harmed by alcohol",
  },
  {
    system: "icd10",
    sensitivity: "ETH",
    pattern: /^(?:T40|T436|T51|R78[0-5]|Y9[01]|Z714|Z715|Z721|Z722|Z502|Z503)/,
    about: "poisoning, blood levels, counselling",
  },
  { system: "icd10", sensitivity: "SEX", pattern: /^A(?:5|6[0-4])/, about: "A50–A64 sexually transmitted infections" },
  { system: "icd10", sensitivity: "SEX", pattern: /^O0[0-8]/, about: "O00–O08 pregnancy with abortive outcome" },
  {
    system: "icd10",
    sensitivity: "SEX",
    pattern: /^(?:Z30|Z31|Z332|Z640|Z725|Z113|Z202|Z975|Z793|Z87890|N46|N52|N97)/,
    about: "contraception, fertility, sexual health",
  },
  {
    system: "icd10",
    sensitivity: "HIV",
    pattern: /^(?:B2[0-4]|Z21|R75|O987|Z114|Z206|Z717|F024)/,
    about: "HIV disease, status, tests, contact",
  },
  {
    system: "icd10",
    sensitivity: "SDV",
    pattern: /^(?:T74|T76|X8[5-9]|X9|Y0|Z69|Z044|Z047|Z6281|Z9141)/,
    about: "maltreatment and assault",
  },
  {
    system: "icd10",
    sensitivity: "PSY",
    doubtful: true,
    pattern: /^(?:Z6[02-5]|Z73)/,
    about: "psychosocial circumstances: environment, upbringing, family, coping",
  },
  {
    system: "icd10",
    sensitivity: "PSY",
    doubtful: true,
    pattern: /^(?:Y[12]\d|Y3[0-4]|T(?:3[6-9]|[45]\d|6[0-5])[A-Z0-9]{2}4|R41[123]|G47[0145])/,
    about: "undetermined intent, amnesia, sleep-wake disorders without apnoea",
  },
  {
    system: "icd10",
    sensitivity: "ETH",
    doubtful: true,
    pattern: /^(?:T509(?:[019][14]|$)|P048[09]|P048$|P049)/,
    about: "poisoning by drugs that aren't named, noxious substances taken by the mother",
  },
  { system: "icd10", sensitivity: "SEX", doubtful: true, pattern: /^Q56/, about: "indeterminate sex" },
  { system: "icd10", sensitivity: "HIV", doubtful: true, pattern: /^(?:B59|C46)/, about: "diseases that define AIDS" },
  { system: "icd11", sensitivity: "PSY", pattern: /^6(?!C4)[A-E]/, about: "chapter 06 without 6C4 (substances)" },
  { system: "icd11", sensitivity: "ETH", pattern: /^6C4(?!A)/, about: "substance use, without nicotine" },
  {
    system: "icd11",
    sensitivity: "SEX",
    pattern: /^(?:1A[6-9]|JA0|HA)/,
    about: "sexually transmitted infections, abortive outcome, sexual health",
  },
  { system: "icd11", sensitivity: "HIV", pattern: /^1C6/, about: "HIV disease" },
  {
    system: "icd9",
    sensitivity: "ETH",
    pattern: /^(?:291|292|303|304|305(?!1)|571[0-3]|3575|4255|5353|6483|7607[1-57]|7903|980|9650|E850|E860|V6542|V113)/,
    about: "alcohol and drugs, organs harmed by them, poisoning",
  },
  {
    system: "icd9",
    sensitivity: "PSY",
    pattern: /^(?:29[3-9]|30[0-2]|30[6-9]|31\d|6484|E95|V11|V40|V628[45]|V790|V79)/,
    about: "mental disorders, self-harm",
  },
  {
    system: "icd9",
    sensitivity: "SEX",
    pattern: /^(?:09[1-9]|63[0-9]|V25)/,
    about: "syphilis and other, abortive outcome, contraception",
  },
  {
    system: "icd9",
    sensitivity: "PSY",
    doubtful: true,
    pattern: /^(?:E98|327[014]|347|7805[24])/,
    about: "undetermined intent, sleep-wake disorders without apnoea",
  },
  {
    system: "icd9",
    sensitivity: "ETH",
    doubtful: true,
    pattern: /^(?:76079|977|9090|E858[89]|E9292)/,
    about: "noxious substances taken by the mother, poisoning by drugs that aren't named",
  },
  { system: "icd9", sensitivity: "SEX", doubtful: true, pattern: /^7527/, about: "indeterminate sex" },
  { system: "icd9", sensitivity: "HIV", doubtful: true, pattern: /^(?:1363|176)/, about: "diseases that define AIDS" },
  { system: "icd9", sensitivity: "HIV", pattern: /^(?:042|04[34]|V08|79571|V6544)/, about: "HIV" },
  {
    system: "icd9",
    sensitivity: "SDV",
    pattern: /^(?:9955|9958|E96|V154|V611|V612|V6283)/,
    about: "maltreatment and assault",
  },
  { system: "dsm", sensitivity: "PSY", pattern: /^./, about: "every diagnosis of the DSM" },
  { system: "icpc2", sensitivity: "ETH", pattern: /^P1[5689]/, about: "alcohol, medicines and drugs" },
  {
    system: "icpc2",
    sensitivity: "PSY",
    pattern: /^P(?!05|17|20|70)(?:[02]\d|1[0-4]|[789]\d)/,
    about: "chapter P without tobacco, senility, memory and dementia",
  },
  {
    system: "icpc2",
    sensitivity: "SEX",
    pattern: /^(?:W1[0-5]|W79|W8[0-3]|X0[78]|X2[34]|X7[0134]|X9[0-2]|Y0[78]|Y1[0-4]|Y2[45]|Y7[0126])/,
    about: "contraception, fertility, loss of a pregnancy, sexual function, sexually transmitted infections",
  },
  {
    system: "icpc2",
    sensitivity: "PSY",
    doubtful: true,
    pattern: /^P[SD]\d/,
    about: "ICPC-3: chapter P, which holds tobacco and dementia, too",
  },
  { system: "icpc2", sensitivity: "HIV", pattern: /^(?:B90|B25)/, about: "HIV infection, fear of it" },
  { system: "icpc2", sensitivity: "SDV", pattern: /^Z25/, about: "assault and harmful event" },
  {
    system: "read",
    sensitivity: "ETH",
    pattern: /^(?:E2[34]|E25(?!1)|EU1(?!7)|136)/,
    about: "Read v2: alcohol and drugs",
  },
  {
    system: "read",
    sensitivity: "PSY",
    pattern: /^(?:E(?!251)[1-9]|EU0[4-9]|EU[2-9]|TK|U2)/,
    about: "Read v2: chapter E, self-harm",
  },
  { system: "read", sensitivity: "HIV", pattern: /^(?:A788|A789|43C|65QA)/, about: "Read v2: HIV" },
  {
    system: "read",
    sensitivity: "SEX",
    pattern: /^(?:A9[0-8]|61|L0[0-7])/,
    about: "Read v2: infections, contraception, loss of a pregnancy",
  },
  {
    system: "atc",
    sensitivity: "PSY",
    pattern: /^N(?:05A(?!B04)|05B(?!B01)|06A|06BA|06CA)/,
    about: "antipsychotics, anxiolytics, antidepressants, psychostimulants, without those against sickness and itch",
  },
  {
    system: "atc",
    sensitivity: "PSY",
    doubtful: true,
    pattern: /^N05C(?!D08|M18)/,
    about: "hypnotics and sedatives, without those of anaesthesia",
  },
  { system: "atc", sensitivity: "ETH", pattern: /^N07B[BC]/, about: "drugs in alcohol and opioid dependence" },
  {
    system: "atc",
    sensitivity: "HIV",
    pattern: /^J05A(?:E(?!1[1-5]|30)|F(?!08|1[0-3])|G|J|R|X(?:07|08|09|1[12]|23|29|31))/,
    about: "antiretrovirals, without those against hepatitis and COVID-19 of the same groups",
  },
  { system: "atc", sensitivity: "HIV", doubtful: true, pattern: /^J05AF13/, about: "tenofovir alafenamide" },
  {
    system: "atc",
    sensitivity: "SEX",
    pattern: /^(?:G02B|G03A|G03G|G03XB|G04BE)/,
    about: "contraceptives, fertility, abortion, erectile dysfunction",
  },
  {
    system: "cpt",
    sensitivity: "PSY",
    pattern: /^(?:90785|9079|908|96127|9613[0-9]|99484|9949[234])/,
    about: "psychiatry section, psychological tests, collaborative care",
  },
  { system: "cpt", sensitivity: "ETH", pattern: /^(?:9940[89]|8030[5-7])/, about: "screening for substances" },
  {
    system: "cpt",
    sensitivity: "HIV",
    pattern: /^(?:8670[123]|86689|8738[79]|8739[01]|8753[4-9]|8790[136])/,
    about: "tests for HIV",
  },
  {
    system: "cpt",
    sensitivity: "SEX",
    pattern: /^(?:598[1245]|5830[01]|55250|586[01]|1198[123])/,
    about: "abortion, contraception, sterilization",
  },
  {
    system: "revenue",
    sensitivity: "PSY",
    pattern: /^0?(?:1[1-5]4|204|513|90[0-57-9]|91\d|961|1001)$/,
    about: "psychiatric rooms, behavioral health treatments and services",
  },
  {
    system: "revenue",
    sensitivity: "ETH",
    pattern: /^0?(?:1[1-5]6|906|94[45]|1002)$/,
    about: "detoxification, rehabilitation from drugs and alcohol",
  },
  { system: "place", sensitivity: "PSY", pattern: /^5[1236]$/, about: "psychiatric facilities" },
  { system: "place", sensitivity: "ETH", pattern: /^5[578]$/, about: "facilities for substance use treatment" },
  { system: "drg", sensitivity: "PSY", pattern: /^0?(?:876|88[0-7])$/, about: "MS-DRG: mental diseases" },
  { system: "drg", sensitivity: "ETH", pattern: /^0?89[4-7]$/, about: "MS-DRG: alcohol and drugs" },
  { system: "drg", sensitivity: "HIV", pattern: /^0?9(?:69|7[04-7])$/, about: "MS-DRG: HIV" },
  { system: "drg", sensitivity: "SEX", pattern: /^0?77[09]$/, about: "MS-DRG: abortion" },
  { system: "icd10pcs", sensitivity: "PSY", pattern: /^G[A-Z0-9]{6}$/, about: "section G mental health" },
  { system: "icd10pcs", sensitivity: "ETH", pattern: /^H[A-Z0-9]{6}$/, about: "section H substance abuse treatment" },
  { system: "icd10pcs", sensitivity: "SEX", pattern: /^10A[A-Z0-9]{4}$/, about: "abortion" },
  { system: "ops", sensitivity: "PSY", pattern: /^(?:9[67]|190)/, about: "psychiatric and psychosomatic treatment" },
  {
    system: "icd11",
    sensitivity: "PSY",
    pattern: /^(?:MB2|PB[89A-Z]|PC|PD[0-3])/,
    about: "mental or behavioural symptoms, intentional self-harm (PB80–PD3Z)",
  },
  { system: "icd11", sensitivity: "SDV", pattern: /^(?:PD[5-9A-Z]|PE|PF[0-2]|PJ2)/, about: "assault, maltreatment" },
  { system: "icd11", sensitivity: "SEX", pattern: /^QA2/, about: "contact for reproduction" },
  {
    system: "hcpcs",
    sensitivity: "PSY",
    pattern: /^(?:H(?:00|20)|G0(?:409|410|411|444)|S948[0245])/,
    about: "behavioural health services",
  },
  {
    system: "hcpcs",
    sensitivity: "ETH",
    pattern: /^(?:G039[67]|G044[23]|G206[789]|G207[0-9]|G2080|T1006|T1007|T1012|S9475)/,
    about: "screening and treatment for substance use",
  },
  {
    system: "nucc",
    sensitivity: "PSY",
    pattern:
      /^(?:2084[BFP]08(?!02)|101Y(?!A)|103[GT]|1041C|106[HES]|102[LX]|163WP080|364SP08|363LP0808|2080P0006|261QM08|273R|283Q|310500|3208|3209|3104|322D|323P|251S)/,
    about: "psychiatry, counselling, psychology, their nurses and facilities",
  },
  {
    system: "nucc",
    sensitivity: "ETH",
    pattern: /^(?:2084A0401|2084P0802|207[LQR]A0401|2083A0300|101YA|163WA0400|261QR0405|261QM2800|2764|3245)/,
    about: "addiction medicine, rehabilitation, methadone",
  },
  {
    system: "nucc",
    sensitivity: "SEX",
    pattern: /^(?:207VE0102|261QF0050|261QA0005)/,
    about: "reproductive endocrinology, family planning",
  },
];
