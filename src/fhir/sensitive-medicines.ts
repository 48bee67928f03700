import type { WordGroup } from "./sensitive-words.js";

/**
 * Ingredients and trade names that tell what they are taken for. Stems without the last vowel fit several languages:
 * sertraline, Sertralin, sertralina. RxNorm, NDC and national drug codes have no prefixes that mean a class, so a
 * product is known by what its name says.
 *
 * Doubtful are those with ordinary uses, too: bupropion against smoking, amitriptyline against pain, testosterone.
 */
export const SENSITIVE_MEDICINES: readonly WordGroup[] = [
  {
    sensitivity: "PSY",
    words: `
      (sertralin|fluoxetin|paroxetin|(es)?citalopram|fluvoxamin|venlafaxin|desvenlafaxin|levomilnacipran|milnacipran|vilazodon|vortioxetin|esketamin)
      (mirtazapin|mianserin|trazodon|nefazodon|agomelatin|reboxetin|maprotilin|amoxapin|tianeptin|opipramol)
      (clomipramin|imipramin|desipramin|trimipramin|protriptylin|dosulepin|lofepramin)
      (phenelzin|tranylcypromin|isocarboxazid|moclobemid)
      lithium
      litio
      lithi(um)?carb
      (gepiron|brexanolon|zuranolon|melitracen|dibenzepin|toloxaton|iproniazid|levosulpirid|sultoprid|tiaprid|promazin|cyamemazin|peri[ck]iazin|pericyazin|propericiazin|pipotiazin|tiotixen|fluspirilen|penfluridol|blonanserin|xanomelin|clopenthixol)
      (medazepam|ketazolam|cloxazolam|clotiazepam|etifoxin|nordazepam|ethyl loflazepat|delorazepam|bentazepam|mexazolam|tofisopam|serdexmethylphenidat|dexamfetamin)
      (quetiapin|olanzapin|risperidon|aripiprazol|brexpiprazol|cariprazin|clozapin|haloperidol|paliperidon|ziprasidon|lurasidon|asenapin|iloperidon|lumateperon|pimavanserin|amisulprid|sulpirid|sertindol|zotepin)
      (chlorpromazin|triflupromazin|fluphenazin|perphenazin|thioridazin|trifluoperazin|thiothixen|loxapin|molindon|pimozid|zuclopenthixol|flupent(h)?ixol|levomepromazin|pipamperon|melperon|chlorprothixen|mesoridazin|benperidol|bromperidol|perazin|prothipendyl)
      (methylphenidat|dexmethylphenidat|atomoxetin|lisdexamfetamin|viloxazin|pemolin)
      (alprazolam|buspiron|chlordiazepoxid|clorazepat|oxazepam|bromazepam|halazepam|prazepam|meprobamat)
      (prozac|sarafem|zoloft|paxil|pexeva|brisdelle|celexa|lexapro|luvox|effexor|pristiq|fetzima|viibryd|trintellix|brintellix|spravato|remeron|desyrel|oleptro|serzone|anafranil|tofranil|norpramin|surmontil|vivactil|nardil|parnate|marplan|emsam|asendin|ludiomil|symbyax)$
      (lithane|lithobid|eskalith|abilify|aristada|rexulti|vraylar|clozaril|fazaclo|versacloz|haldol|invega|risperdal|perseris|zyprexa|relprevv|seroquel|geodon|latuda|saphris|fanapt|caplyta|nuplazid|thorazine|prolixin|trilafon|mellaril|stelazine|navane|orap|loxitane|adasuve|moban|serentil|taractan)$
      (xanax|niravam|librium|tranxene|serax|buspar|paxipam|centrax|miltown|equanil|limbitrol)$
      (ritalin|concerta|metadate|methylin|daytrana|quillivant|quillichew|aptensio|cotempla|jornay|focalin|adderall|dexedrine|zenzedi|procentra|vyvanse|strattera|desoxyn|cylert|evekeo|adzenys|dyanavel|mydayis|qelbree|elvanse|medikinet)$
    `,
  },
  {
    sensitivity: "PSY",
    doubtful: true,
    words: `
      (bupropion|budeprion|amfebutamon|wellbutrin|aplenzin|forfivo)
      (amitript[iy]lin|nortript[iy]lin|doxepin|elavil|endep|pamelor|aventyl|sinequan|silenor|adapin|duloxetin|cymbalta)
      (diazepam|lorazepam|clonazepam|temazepam|triazolam|estazolam|flurazepam|quazepam|nitrazepam|lormetazepam|clobazam|lorme|zolpidem|zopiclon|eszopiclon|zaleplon|suvorexant)
      (valium|ativan|klonopin|restoril|halcion|prosom|dalmane|doral|ambien|edluar|lunesta|sonata|imovane|stilnox)$
      (?!midazolam|clonazolam)[a-z]*(azepam|azolam)(a|e|o|um)?$
      (oxitriptan|5 hydroxytryptophan|(ar)?modafinil|solriamfetol|pitolisant)
      (guanfacin|intuniv|kapvay|selegilin)
      (st john ?s? wort|hypericum|johanniskraut)
    `,
  },
  {
    sensitivity: "ETH",
    words: `
      (methadon|metadon|metadol|levacetylmethad|levomethad|levometadon|buprenor[pf]h?in|naltrexon|disulfiram|acamprosat|nalmefen|naloxon|lofexidin)
      (dolophine|methadose|diskets|polamidon|suboxone|subutex|zubsolv|bunavail|sublocade|probuphine|vivitrol|revia|depade|antabuse|campral|narcan|evzio|kloxxado|zimhi|lucemyra|selincro|substitol)$
    `,
  },
  {
    sensitivity: "SEX",
    words: `
      (levonorgestrel|norgestrel|ethinyl ?(o?estradiol)|ethinyl?estradiol|etinilestradiol|ethinylest|et(h)?inodiol|ethynodiol|mestranol|norethindron|norethisteron|noretisteron|norgestimat|norelgestromin|drospirenon|desogestrel|etonogestrel|gestoden|dienogest|segesteron|medroxyprogest|ulipristal|mifepriston|intrauterine system|nonoxynol)
      (mirena|kyleena|liletta|skyla|jaydess|paragard|nexplanon|implanon|jadelle|depo provera|depo subq|nuvaring|annovera|xulane|twirla|ortho[ -](evra|cyclen|tri|novum|micronor)|evra|plan b|ella|yaz|yasmin|natazia|loestrin|lo loestrin|seasonique|mifeprex|mifegyne|korlym abortion)$
      (chlormadinon|nomegestrol|estetrol|ganirelix|cetrorelix|lutropin)
      (microgynon|cerazette|postinor|norlevo|pidana|ellaone|belara)$
      (clomif?ph?en|menotropin|follitropin|urofollitropin|choriogonadotropin)
      (avanafil|vardenafil|alprostadil|flibanserin|dapoxetin|viagra|cialis|levitra|staxyn|stendra|spedra|caverject|edex|muse|addyi|priligy)
    `,
  },
  {
    sensitivity: "SEX",
    doubtful: true,
    words: `
      ([a-z]*(n|l)afila?$|misoprostol|testosteron|depo testost|androgel|testim|androderm|cyproteron)
    `,
  },
  {
    sensitivity: "HIV",
    words: `
      (zidovudin|lamivudin|abacavir|emtricitabin|tenofovir disop|didanosin|stavudin|zalcitabin|efavirenz|nevirapin|etravirin|rilpivirin|doravirin|delavirdin)
      [a-z]*(tegravir|navir(?!us|al))
      (dolutegravir|bictegravir|raltegravir|elvitegravir|cabotegravir|lenacapavir|atazanavir|darunavir|fosamprenavir|amprenavir|lopinavir|ritonavir|saquinavir|indinavir|nelfinavir|tipranavir|cobicistat|maraviroc|enfuvirtid|fostemsavir|ibalizumab)
      (truvada|descovy|biktarvy|genvoya|stribild|atripla|complera|eviplera|odefsey|delstrigo|pifeltro|triumeq|tivicay|isentress|prezista|prezcobix|rezolsta|symtuza|symfi|cimduo|temixys|reyataz|evotaz|norvir|kaletra|epzicom|kivexa|trizivir|combivir|epivir|retrovir|ziagen|sustiva|stocrin|edurant|intelence|selzentry|celsentri|fuzeon|juluca|dovato|cabenuva|vocabria|apretude|rukobia|trogarzo|viramune|videx|zerit|hivid|crixivan|invirase|viracept|lexiva|telzir|aptivus|emtriva|sunlenca|yeztugo|rescriptor)$
    `,
  },
  { sensitivity: "HIV", doubtful: true, words: "(tenofovir|viread)" },
];

/**
 * Drugs of abuse and opioids whose *measurement* is a drug test. As medicines they are taken for pain or in
 * anaesthesia and are ordinary, so they count in laboratory data alone.
 */
export const DRUGS_IN_TESTS: readonly WordGroup[] = [
  {
    sensitivity: "ETH",
    words: `
      [a-z0-9]*(morphin|codein|codon|morphon|opioid|opiat|fentan[iy]l|amphetamin|amphet|cannabin|thebain|tramadol|methadol|eddp|orphanol|phenidat|lysergid|nbome|tryptamin)
      [a-z]*edrin
      [a-z0-9]*(tapentadol|mitragyn|phenyl ?2 ?piperid|diphenylpyrrol|fenet[yh]+l+in|furfenorex|piperazine?$|methylon|ecgonin|cathinon|salvinor)
      (benzylpiperaz|bzp$|alpha phenyl)
      (6 ?(mono)?acetyl|monoacetylm|propoxyphen|norpropoxyphen|dextropropox|meperidin|normeperidin|pethidin|pentazocin|nalbuphin|butorphanol|tapentadol|alphaprodin|anileridin|dipipanon|dextromoramid|papaver|noscapin|levorphan|dextrorphan|ketobemid|piritramid|tilidin|nalorphin|sufentan|remifentan|alfentan|phenazocin|dezocin|diphenoxyl|mitragyn|oripavin|meptazinol|ethoheptazin|phenoperidin|trimeperidin|etorphin|cyclazocin)
      (ecgonin|benzoylecg|cocaethyl|norcocain|anhydroecgon)
      (phentermin|phendimetr|phenmetr|benzphet|diethylprop|fenflur|fenproporex|clobenzor|mazindol|phenethylam|phenylethylam|pseudoephedr abuse|methylenediox|bdb$|mbdb|mda$|mdea|pma$|pmma|dom$|dob$|2c|cathin|mephentermin|propylhexedr|ephedron|fencamf|selegilin metab|methylenedianilin)
      (salvinorin|bufoten|ibogain|harmal|harmin|atropin abuse|pcp$|ketamin|norketamin|ghb$|gamma hydroxyb|gamma butyrol|dmt$|muscimol)
      (jwh|ur 144|xlr|am ?2201|am ?694|rcs|cp ?47|hu ?210|akb|ab fubin|ab pinaca|mam ?2201|pb ?22|win ?55|thc)
      (barbital|barbitur|benzodiaz|oxazepam|nordiazep|methaqual|glutethim|meprobam|carisoprod|buprenor|methadon)
      [a-z]*(barbital|azepam|azolam)
      (drugs? |tox|volatiles)
      alcohols?
      acetone isoprop
      isopropanol
      methanol
    `,
  },
];
