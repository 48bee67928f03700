import type { Sensitivity } from "./sensitive-codes.js";

/** Stems of one class. */
export interface WordGroup {
  sensitivity: Sensitivity;
  /** A stem that also means something ordinary: what holds it is sensitive until a person has looked. */
  doubtful?: true;
  /** Stems separated by line breaks, in {@link foldText}'s spelling; see {@link stems}. */
  words: string;
}

/**
 * Phrases that hold one of the stems and mean something else. They are taken out of a text before it is looked through.
 */
export const ORDINARY_PHRASES = `
  st( segment)?( or t wave)? depression
  depression of st
  (respiratory|bone marrow|marrow|myelo|immune|immuno|skull|cns|myocardial|growth|reflex|spreading|tongue) depression
  depression (of|in|der|des|de la) (the )?(bone|knochen|moelle|medula|skull|marrow|respirat|level of conscious)
  depressed st$
  depressed (skull|fracture|frontal|parietal|cranial|scar|nasal|level of conscious)
  tongue depressor
  (non|not|nicht|no|niet) ?(alcoholic|alkoholisch|alcoolic|alcoholica|alcoholico|alcoolique|alcoholische)
  (cetyl|cetostearyl|stearyl|benzyl|polyvinyl|wool|lanolin|rubbing|phenylethyl) alcohols?
  alcohol( prep| preparation)? (swab|wipe|pad|prep|based hand|hand rub|rub$|gel)
  (isopropyl|denatured) alcohol.{0,24}(swab|wipe|pad|topical|solution)
  (ethanol|alcohol) (lock|ablation|sclerother|septal|block|injection)
  acid alcohol fast
  bipolar (hemi|prosth|forceps|electr|lead|cauter|diather|coagul|transureth|resect|pacing|arthropl|hip|cup|head|cell)
  unipolar or bipolar
  (hearing|walking|visual|mobility|communication|first|low vision|teaching|memory|sleep|learning) aids?
  aids (for|to|in) (walking|daily|mobility|hearing|vision)
  (altered|change in|changes in|acute change in) mental status
  mental (nerve|foramen|spine|region|protuberance)
  rem sleep behaviou?r
  rape ?seed
  (photo|hydro|phono|osmo|lipo|baso|eosino|chromo|xero)phobi
  posterior inferior cerebellar artery( pica)?
  pica (aneurysm|infarct|stroke|territ|occlus)
  (electromechanical|atrioventricular|av|auriculoventricular) dissociation
  (chlamydia|chlamydophila|chlamydial)( species)?( [a-z]+)? ?(pneumon|psitt|conjunct)
  lithium (heparin|ion|batter|disilicate|hydroxide|grease)
  heparin lithium
  (batter|heparin)[a-z]* lithium
  caffeine
  (tobacco|nicotine|cigarette|smoking|tobacco smoke)( product)?s? (abuse|addict|dependen|use|withdrawal|counsel)[a-z]*
  (laxative|steroid|antacid) abuse of
  sexual(ly)? (precoc|matur|develop|ambig|infantil)[a-z]*
  (delayed|precocious) sexual
  premature sexual
  (spatial|hemispatial|visual|unilateral|hemi|sensory) neglect
  drug (eluting|resistant|resistance|level|monitoring|allergy|interaction|reaction|eruption|intolerance)
  (multi|multiple) drug
  behavioral health plan
  domestic (partner|animal|cat|dog)
  self administered (questionnaire|medication)
  abortus (fever|bovine)
  brucella abortus
  mania[ck]al
  not sexually active
  (preprocedural|preoperative) psych[a-z]*
`;

/**
 * What words tell (long for one reason: it is a list), in English, German, French, Spanish, Portuguese, Italian and Dutch.
 *
 * Codes are missing, local or of a vendor in a good part of real data, so the words of a concept count whatever its code
 * system is. Alcohol is in and tobacco out, and the other lines are drawn as in sensitive-codes.ts.
 */
export const SENSITIVE_WORDS: readonly WordGroup[] = [
  {
    sensitivity: "PSYTHPN",
    words: `
      psychotherap
      psicoterap
      psychoanaly
      (counsell?ing|therapy|psycholog[a-z]+|psychiatr[a-z]+) (session )?(progress )?notes?$
      (group|family|individual|couples|marital) therapy (note|session)
    `,
  },
  {
    sensitivity: "PSY",
    words: `
      psych(?!omotor|rometr|roph|oactive|odyslep|edel|odelic|ostimul)
      psi(c|quiatr|kiatr)(?!omotor|oactiv|oestimul|odelic|haj)
      geistesk
      geistige? (behind|stor)
      seelisch
      geestelijke gez
      ggz$
      mental (health|ill|dis|retard|behavi|handicap|defic|subnorm|hygiene|and behavi|or behavi|impair|problem|hospital)
      mental(ly)? (ill|handic|disab|retard)
      (salud|sante|saude|salute|enfermedad|maladie|doenca|malattia|retraso|retard|retardo|ritardo) mental
      (trastornos?|troubles?|transtornos?|disturb[oi]|desorden(es)?) (mental|menta|del? (humor|animo|comport|personal|ansied)|de l humeur|anx|affect|afet)
      behaviou?ral (and|health|disorder|problem|disturb|therap|symptom|emotional|syndrome|insomnia|intervent)
      behaviou?r (disorder|problem|therap|disturb|modif)
      emotional (support|status|exhaust|disorder|disturb|instab|distress|problem|labil|state|trauma)
      verhaltens(st|auff| und)
      organische?s? (amnest|psych|wahn|affekt|person)
      (katato|z[iy]kloth|konversionsst|essattack|nicht ?organ|impulskontr|sozialverhalt|tic ?stor|enkopr)
      adhs$
      emotionale? stor
      storungen sozialer
      (troubles?|trastornos?|transtornos?|perturbac[a-z]*|disturb[oi]) (de la|de l|da|del|du|dell|de) ?(conducta|adapt|aliment|comport|comportamento|ansia|ansied|ansiet|anxiet|humor|umore|personal|panic)[a-z]*
      envahissants du
      deficit (de|di|da) (l )?at?ten
      facteur de stress
      anoressia nerv
      gedragss
      depressi(?!on screening not)
      depressed
      depresi(on|v)
      depressao
      deprimi
      antidepres
      d[iy]s?thym
      distimi
      c[iy]clot[hi]
      ciclotim
      melanchol
      (mood|affective|affektiv[a-z]*) (disorder|stabil|psychos|episode|dysreg|swing|stor|symptom|state)
      stemmingss
      bipola
      manic$
      (hypo|hipo)?mani(a|e|en)$
      manisch
      maniaco
      anxi(?!ety free)
      ansi(edad|edade|osi|a$|os|ol)
      angst(?!rom)
      angoiss
      angustia
      panic
      panik
      paniek
      paniqu
      [a-z]*phobi(a|c|e|as|sch)
      [a-z]*fobi[ae]
      schizo
      esquizo
      paranoi
      delusion
      wahn(haft|stor|$)
      (hallucin|halluzin|alucin|allucin)(?!oge|one)
      obsess
      obsesiv
      compulsiv
      zwangs(st|ged|neu|han)
      dwang(st|ged|neu)
      autis
      asperger
      (pervasive|childhood disintegr)
      adhd$
      tdah$
      (attention|aandachts|aufmerksamkeits) ?(deficit|defizit|tekort)
      hyperkin
      hiper(cin|quin|activ)
      hyperactiv[a-z]* (disorder|attention|child|with)
      tourette
      tics?$
      anorexi[ae] nerv
      anorexie mental
      (bulimi|boulimi)
      (binge eating|eating disorder|esssto|eetst|feeding disorder|night eating)
      fear of
      arising from mental
      overanx
      disorders? of (eating|impulse|social|written|adult person|psych)
      disorders? of (infancy|childhood) (and|or) adolesc
      (childhood disorders?|identity disorder)
      rett s
      ruminat
      pica$
      paraphreni
      (zoo|necro|copro|uro|klismo)phili?a
      pederast
      (body )?dysmorph(ic|oph)
      axis i(i|ii)? (diag|dis)
      (crisis intervention|combat fatigue|combat stress|maternity blues)
      emotionally
      ptsd$
      ptss$
      tept$
      post ?trauma[a-z]* (stress|belast)
      (stress post|estres pos)
      stress disorder
      (acute|reaction to severe|reactions? to|severe) stress( reaction| disorder|$)
      stress (reaction|related) ?(disorder|$)
      (adjustment|adaptation) (disorder|reaction)
      (belastungs(re|st)|anpassungsst|aanpassingsst)
      person(ality|alidad|nalite|alita|lichkeits)
      persoonlijkheid
      (dissociat|dissoziat|disociat)
      (depersonal|dereali)
      fugue
      conversion (disorder|reaction)
      (somatoform|somati[sz]|hypochond|hipocond)
      somatic symptom
      neuro(sis|ses|tic|se|sen)$
      neurasthen
      hysteri(a|c)
      (para)?sui[cz]id
      selbst(mord|tot|verletz|schad)
      zelf(moord|dod|verwond|beschad)
      self (cut|purg|induced purg|harm|injur|inflict|mutil|destruct|poison|administered)
      intentional self
      auto(les|mutil|inflig|inflict|agre|agress)
      better off dead
      hurting yourself
      kill(ing)? (your|him|her|my)self
      wish(es|ed)? to be dead
      sleepwalk
      somnambul
      night ?(mare|terror)
      sleep terror
      non ?organi(c|qu|sch)
      not due to (a )?(substance|known)
      due to (a )?known physiological
      developmental (dis|dysl|aphas|artic|coord|arith|read|speech|expr|recep|receptive|delays? in psych)
      neurodevelop
      entwicklungsst
      ontwikkelingsst
      intellectual (dis|impair|def)
      intelligenzmind
      (deficiencia|discapacidad|disabilita|deficit) intel
      verstandelijke b
      oligophren
      learning (dis|diff|dev)
      lernbehind
      (reading|mathematics|arithmetical|spelling|written express[a-z]*) disorder
      (expressive|receptive)( receptive)? language
      (speech|language) (sound )?disorder
      phonological dis
      (dyslexi|dyscalcul|dislexi)
      (stutter|stammer|mutism|clutter)
      encopr
      (conduct|oppositional|disruptive|impulse|explosive|defiant)( [a-z]+)? (disorder|disturb|mood|behav)
      disturbance of (conduct|emotion)
      (antisocial|dissocial|kleptoman|pyroman|trichotil|parap?hil)
      gambl
      (spielsucht|pathologisches spiel|ludopat)
      (fetish|pa?edophil|exhibitionis|voyeur|sadi[sc]|sado ?mas|masochis|frotteur|transvest)
      catatoni
      (attachment disorder|reactive attach|sibling rival|factitious|munchausen|malinger)
      premenstrual dysphor
      post ?partum (depress|blues|mood)
      (cognitive behavi|dialectical behavi|emdr$|electroconvuls|elektrokonv|elektrokramp|neurolept|antipsych|tranquil)
      phq ?\\d
      patient health questionnaire
      gad ?[27]$
      edinburgh postnatal
      (columbia suic|c ssrs)
      (beck|hamilton) (dep|anx|hop|rating)
      (madrs|panss|ymrs|pcl ?[5c])$
      m chat
      vanderbilt
      feeling (down|nervous|bad about yourself)
      little interest or pleasure
    `,
  },
  {
    sensitivity: "PSY",
    doubtful: true,
    words: `
      mental (state|status|observ|exam|condit|fatigue)
      insomni
      sleep(ing)? disorder
      deliri
      amnes(ic|tic) (disorder|syndrome)
      agitat
      aggressi(ve|on)
      (burn ?out|bereave|grief)
      enuresis
      flashback
      counsel
      nervousness
      worr(y|ies|ied)
      behaviou?r(al)?$
      (feeling|perceived|psychological|emotional|work|family|psychosocial) stress
      stress(ful|ed)
      stress finding$
      emotional (react|shock)
      intentional
      confusion(al|nel|s?stat)
      (relationship|partner|family|marital|parent|in laws?|spouse|upbringing|life cycle|life management|social)( [a-z]+)* (problem|conflict|discord|breakdown|disrupt|reject|exclu|strain)s?
      problems? (in|with|related to|of) (the )?(relation|upbring|primary supp|spouse|partner|family|marit|in laws|adjust|life|social|lifesty|negative life|psychosoc)
      (jealous|hostil|anhedon|irritab|overactiv|suspicious)
      fluency disorder
      excessive crying
      (upbringing|discord)
      (hoarding|skin picking|food intake disorder|communication disorder)
      dyspraxi
      developmental delay
      delays? in development
      pseudobulbar affect
      apath
      homicid
      organic (brain|personal|delu|mood|mental|affect)
    `,
  },
  {
    sensitivity: "ETH",
    words: `
      (alcohol|alkohol|alcool|alcolis|alcolic)
      ethanol
      ethyl gluc
      42 cfr part 2
      drunk
      (drinker|drinks (wine|beer|spirit|liqu|alc|heav))
      (smokes|sniffs|injects|takes|uses|uses other|swallows|misuses) drugs
      (drinks? (per|contain|alcoh|in a)|number of drinks|binge drink|(heavy|problem|excessive|hazardous|harmful) drink)
      (inebri|ivresse|trunks|trunken|embriag|eth?ylis|etilis)
      (substanz(geb|abh|miss|kons)|polytox|politox|abstinenc|rausch)
      delirium tremens
      korsako
      drugs? (abus|misus|depend|addict|use|user|using|habit|overdos|detox|rehab|screen|withdr|seek|intox|taking|related|problem|treatment|service|counsel|delir|psych)
      drugs? (of|or) (abuse|alcohol|substance)
      drug induced( persist[a-z]*)? (mental|psych|delir|mood|anx|sleep|amnes|dement|paran|hallu|depress|organic|disorder)
      drugs? induced mental
      (misuses?|illicit|recreational|street|designer|inject[a-z]*|intravenous) drugs?
      needle (exch|shar)
      substances? (use|abus|misus|depend|addict|relat|induc|intox|withdr|disorder)
      (psychoactive|psicoactiv|psychodyslep|psychedel|psychostimul|psicoestimul|psychotrope)
      (opioid|opiate|opiat|opiace|oppiace|oppioid)
      (heroin|cocain|kokain|cannab|kannab|marihuana|marijuana|hashish|haschisch|haxixe|tetrahydroc)
      thc$
      [a-z]*(am(ph|f)etamin|anfetamin)
      (ecstasy|mdma|lsd)$
      lyserg
      (hallucinog|halluzinog|alucinog|allucinog)
      (psiloc|mescalin|phencyclid|fencyclid|khat|kratom|cathinon|mephedron|synthetic cannab|jwh |bath salts|betel|peyote|ayahuasca)
      (inhalant|solvents?) (abus|sniff|use|depend|misus|intox|induc)
      (inhalant|glue snif|volatile solv)
      (sedative|hypnotic|stimulant|anxiolytic|tranquill?i[sz]er|barbiturates?|benzodiazepines?|sympathomimetic)s?( or [a-z]+| hypnotic| and [a-z]+)*( anxiolytic)?( type)? (abus|depend|use|misus|withdr|intox|induc|addict|relat|poison)
      addict
      abhangigkeitss
      sucht(m|k|h|b|p|t|s|g)
      (alkohol|drogen|medikamenten)(sucht|abh|miss|konsum)
      drog(en|ue|as?$|ad|od)
      (verslav|verslaaf|drugs?(gebr|versl|mis)|middelen(gebr|mis|versl))
      (toxicom|toxicod|toxicoman|tossic(od|om)|stupefi|stupefac)
      (dependencia (quim|de (subst|drog|alc|opi|coc))|dependance (a l al|aux (dro|opi)))
      dipendenza d
      narcotics? (abus|depend|use|addict|withdr|intox)
      (detox|entgiftung|entzug|desintox|disintoss|ontwenn)
      abstinence
      (dast ?\\d|dast$|audit c$|ciwa|crafft|cage (quest|aid)|clinical opiate)
      (methaqual|carisoprodol abuse)
      combinations? of drug
      (12|twelve) step
      polysubstance
    `,
  },
  {
    sensitivity: "ETH",
    doubtful: true,
    words: `
      overdos
      uberdos
      sobredos
      surdos
      withdrawal
      intoxicat
      (sedativ|hypnoti|barbitur|benzodiazep|narcotic|stimulan)
      abus(us|o)$
      (abus|missbrauch|misbruik|misus|depend(ence|encia|ance|enz|ency)$)
      abhangigkeit
      urine (drug|tox)
      toxicolog
      glue$
      residential (treat|addict)
      rehabilitation program
    `,
  },
  {
    sensitivity: "SEX",
    words: `
      (psycho)?sex(ual|uel|uell|o (seg|sin|anal|oral)|ualid)
      seksue
      sessual
      venere(al|a|o)
      geschlechts(kr|id|ang|dys|umw|verk)
      (s[yi](ph|f)il|lues$)
      (gonorr|gonoc|gonok|blenn?orr|tripper$|soa$)
      (c?hlamyd|clamid|klamyd)
      herpes[a-z ]* (genit|anogen|urogen)
      genital[a-z]* (herpes|wart|ulc)
      (herpes simplex virus( type)? 2|hsv ?2)
      (condylom|kondylom|feigwarz)
      (anogenital|genital) (wart|herpe)
      (trichomon|tricomon)
      (chancroid|ulcus molle|lymphogranuloma ven|granuloma ing)
      (treponem|reagin|rpr$|vdrl)
      (mycoplasma|ureaplasma)
      (abort(ion|us|o$|os$|um|e$|$)|avortem|schwangerschaftsabb|fehlgeburt|fausses? couche|miscarr|misgeboort|miskraam|zwangerschapsafb)
      abortive outcome
      terminat[a-z]+ of pregn
      interr?u[pz][a-z]* (volontaire |voluntaria |volontaria )?(de|del|di|da) (la )?(gross|embar|grav)
      ivg$
      (ectopic|tubal|molar|ovarian|unwanted|unplanned|unintended|teenage|adolescent|abdominal) pregn
      (hydatid|blighted ovum)
      (embarazo|grossesse|gravidanza|gravidez) (ectop|extra|no des|non des)
      (extrauterin|eileiterschw)
      (contrac|kontrazep|kontraze|anticon[cz]ep|contraccet)(?!t)
      (empfangnisv|verhutung(?! v)|anticoncept)
      (family plan|familienplan|planification fam|planificacion fam|planejamento fam|planeamento fam|birth control)
      (iud|diu)$
      intra ?uterin[a-z]* ?(device|contra|system|pess)
      (sterilet|kinderwunsch|spirale? (eingel|einges|gel|gez|entf)|spiraaltje)
      (unerwunscht|ungewollt)[a-z]* schwang
      (sterili[sz]ation|sterili[sz]ed)( (status|proc|female|male|of (pat|fem|mal))|$)
      (tubal (lig|ster|occ)|ligature des trom|ligadura (de|tub)|vase[ck]tom|legatura delle)
      (infertil|unfruchtb|onvruchtb|esterilid|sterilit[ae])
      (in vitro fert|artificial insem|assisted repro|procreative|ivf$)
      (erecti(le|el)|erektions|eretil|erettil|disfuncion erec|impoten|ejacul|ejakul|eyacul|eiacul|libido|orgasm|anorgas|dyspareun|dispareun|vaginism|masturb|frigid)
      gender (id|dys|aff|reas|inc|non|trans)
      (transgen|transsex|transex|genderid|genderdys|genderinc)
      (identidade? de gen|identite de gen|identita di gen|disforia|dysphoria)
      (homo|bi|hetero)sex
      (lesbian|gay|queer|non ?binary)$
      (prostitut|sex work|condom|unprotected inter|morning after)
      menstrual extraction
    `,
  },
  {
    sensitivity: "SEX",
    doubtful: true,
    words: `
      (std|sti|sdt)$
      (semen|sperm) (anal|count|motil|donor)
      fertil
      intersex
      human papilloma
      (sex|sexo|sexe) (behav|chang|partner)
    `,
  },
  {
    sensitivity: "HIV",
    words: `
      hiv(?!es)
      vih$
      vih ?[12]
      human immuno ?def
      (immunschwache|inmunodeficiencia human|immunodeficience hum|imunodeficiencia hum|immunodeficienza uma|humaan immun)
      (acquired immun|acquired immune)
      sida$
      sidat
      (anti)?retrov
    `,
  },
  { sensitivity: "HIV", doubtful: true, words: "kaposi\ncd4" },
  {
    sensitivity: "SDV",
    words: `
      (assault|agressao|agresion|agression$|agression (sex|phy)|aggressione)
      batter(ed|ing)
      (maltreat|mistreat|misshandl|mishandel|maltrat|maltrait|malos tratos|maus tratos|kindesvern|mauvais traitem)
      rap(e|ed|ist)$
      (vergewalt|verkracht|viol$|violacion|violada|estupro|stupro)
      (violence|violent|violenc|violenz)
      (gewalt(?!ig)|geweld(?!ig))
      (incest|inzest)
      (child(hood)?|adult|elder|spous[a-z]*|partner|sexual|physical|psychological|emotional|domestic|parental|infant|verbal|financial)( or| and)?( sexual| physical| psychological| emotional| adult| child)* (abus|neglect|maltreat|viol|batter)
      abus[a-z]* (sex|fis|phys|infan|de men)
      (kindesmiss|kindermish|vernachlass)
      (neglect|abandonment)( or aband[a-z]*)? ?(of|by|in|conf|susp)?
      (intimate partner|afraid of your|shaken (baby|inf))
      perpetrat
      victim of (abu|viol|ass|crim|rap|sex|dom|int|neg|tort)
      (traffick|exploitation|torture|genital mutil|bull(y|ied)|harass|stalking)
      inflicted by (other|another)
    `,
  },
  { sensitivity: "SDV", doubtful: true, words: "mobbing\nmaltrato$" },
];

/**
 * A pattern out of stems. A stem matches from the start of a word; `$` at its end asks for the end of a word, too.
 *
 * @example
 * stems("iud$\nvasectom").test("vasectomy status") // true
 */
export function stems(words: string): RegExp {
  const list = words
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return new RegExp(`(?<![a-z0-9])(?:${list.join("|").replaceAll("$", "(?![a-z0-9])")})`);
}

const MARKS = /\p{M}+/gu;

/**
 * A text as the stems are spelled: lower case, without accents, everything but letters and digits a space.
 *
 * @example
 * foldText("Dépression (légère)") // "depression legere"
 */
export function foldText(text: string): string {
  return text
    .normalize("NFKD")
    .replace(MARKS, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}
