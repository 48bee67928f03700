import type { Sensitivity } from "./sensitive-codes.js";

/**
 * Ingredients that tell what they are taken for. RxNorm has thousands of product codes and no prefixes, so a product is
 * known by the ingredient that its display names.
 */
export const SENSITIVE_INGREDIENTS: Readonly<Record<Sensitivity, RegExp>> = {
  PSY: /\b(?:sertraline|fluoxetine|paroxetine|citalopram|escitalopram|fluvoxamine|venlafaxine|mirtazapine|lithium carbonate|quetiapine|olanzapine|risperidone|aripiprazole|clozapine|haloperidol|paliperidone|ziprasidone|lurasidone|methylphenidate|atomoxetine|lisdexamfetamine|amphetamine|alprazolam|buspirone)\b/i,
  ETH: /\b(?:methadone|buprenorphine|naltrexone|disulfiram|acamprosate|naloxone)\b/i,
  SEX: /\b(?:levonorgestrel|ethinyl estradiol|norethindrone|norgestimate|drospirenone|desogestrel|etonogestrel|medroxyprogesterone|ulipristal|mifepristone|intrauterine system|mirena)\b/i,
  HIV: /\b(?:zidovudine|lamivudine|abacavir|emtricitabine|tenofovir|efavirenz|rilpivirine|doravirine|dolutegravir|bictegravir|raltegravir|elvitegravir|cabotegravir|atazanavir|darunavir|lopinavir|ritonavir|cobicistat|maraviroc)\b/i,
  SDV: /(?!)/,
};

/** Words of a concept that carries no code at all. Where there is a code, the code decides. */
export const SENSITIVE_WORDS: Readonly<Record<Sensitivity, RegExp>> = {
  PSY: /\b(?:(?:major )?depressi(?:on|ve disorder)|suicid\w*|self-harm|schizo\w+|bipolar|psychosis|psychotic|psychiatr\w+|psychotherap\w+|anxiety|PTSD|post-?traumatic stress|anorexia nervosa|bulimia|ADHD|PHQ-?9)\b/i,
  ETH: /\b(?:alcohol\w*|opioid (?:use|abuse|dependence)|drug (?:abuse|dependence|addiction)|substance (?:use|abuse)|addiction|overdose|cocaine|heroin|cannabis)\b/i,
  SEX: /\b(?:abortion|miscarriage|contracepti\w+|sexually transmitted|syphilis|gonorrh\w+|chlamydia|genital herpes|infertility|sexual orientation|gender identity)\b/i,
  HIV: /\b(?:HIV|AIDS|human immunodeficiency virus|antiretroviral)\b/,
  SDV: /\b(?:domestic violence|sexual (?:assault|abuse)|rape|child abuse|partner (?:violence|abuse)|physical abuse)\b/i,
};
