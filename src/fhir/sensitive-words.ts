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
      (trastornos?|troubles?|transtornos?|disturb[oi]|desorden(es)?) (mental|menta|del? (humor|animo|comport|personal|ansied)|de l humeur|anx|affecti|afeti)
      behaviou?ral (and|health|disorder|problem|disturb|therap|symptom|emotional|syndrome|insomnia|intervent)
      behaviou?r (disorder|problem|therap|disturb|modif)
      emotional (support|status|exhaust|disorder|disturb|instab|distress|problem|labil|state|trauma)
      verhaltens(st|auff| und)
      (artikulations|rechtschreib|rechen|aufmerksamkeits|bindungs)stor
      (expressive|rezeptive) sprachstor
      stereotype beweg
      trance und bes
      (fetischis|poltern$)
      organische?s? (amnest|psych|wahn|affekt|person)
      (katato|z[iy]kloth|konversionsst|essattack|nicht ?organ|impulskontr|sozialverhalt|tic ?stor|enkopr)
      adhs$
      emotionale? stor
      storungen sozialer
      (troubles?|trastornos?|transtornos?|perturbac[a-z]*|disturb[oi]) (de la|de l|da|del|du|dell|de) ?(conducta|adapt|aliment|comport|comportamento|ansia|ansied|ansiet|anxiet|humor|umore|personal|panic)[a-z]*
      envahissants du
      deficit (de|di|da) (l )?at?ten
      facteur de stress
      (trastorno|transtorno|trouble|disturb|perturba)[a-z]*( [a-z]+){0,5} (delirant|neurotic|nevros|somatof|somatomor|(humor|humeur|umore)(?! (vit|acu|aq))|conducta|conduite|condotta|conduta|comport|emoc|emot|emoz|habit|abitud|impuls|aliment|ingest|personal|lenguaje|linguagem|langage|linguagg|habla|fala$|parole$|escolar|scolair|scolast|lectur|leitura|aritmet|arithmet|apprent|aprendiz|psic|psych|identi|estereotip|desintegr|desintegrat|desinteg|funcionamento soc|fonctionnement soc|trance|transe$|pronunci|deletreo|soletra|opositor|opositiv|oppositionn|oppositiv|activi[a-z]* y de la aten|rivali|vinculac|attachem|attaccam)
      (generalizad|globa|especific|specif|mixto|misto|mixte|envahiss|penetrant|pervasiv)[a-z]*( [a-z]+){0,2} (del|do|du|dello) (desarrollo|desenvolv|developpement|sviluppo)
      delirant
      (nevros|nevrot|neurotico|neurotica|neurotisch|neurasten|neurosi$)
      somatomorf
      (reaccion|reacc|reaca|reaco|reazion)[a-z]*( [a-z]+){0,3} (estres|stress)
      (estres|stress) (agudo|grave|severo|acut|pos ?tra)
      trance (and|y|et|e) (pos|poss)
      (fetich|feticis|fetisj|pedofil|padophil|exhibic|exibicion|esibizion|exhibitionn)
      (piroman|cleptoman|tricotilo)
      (sonambul|sonnambul)
      (terror[a-z]* (del sueno|noct|noturn|nott)|terreurs? noct|pavor noct|pesadill|pesadel|cauchemar|albtr|nachtmerr)
      (stotter|tartamud|gaguei|begaiem|balbuz)
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
      maniaqu
      obsedant
      compulsif
      hypocond
      travest
      etats? de transe
      maniaco
      anxi(?!ety free)
      ansi(edad|edade|osi|a$|os|ol)
      angst(?!rom)
      angoiss
      angustia
      panic(?!ul|um)
      panik
      paniek
      paniqu
      [a-z]*phobi(a|c|e|as|sch)
      [a-z]*fobi[ae]
      schizo(?!nt|gon|phyl|cyt)
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
      hiper(cin|quin|activ)(?!idad (cortic|supra|tiroid|hipof))
      hyperactiv[a-z]* (disorder|attention|child|with)
      tourette
      tics?$
      anorexi[ae] nerv
      anorexie mental
      (bulimi|boulimi)
      (binge eating|eating disorder|esssto|eetst|feeding disorder|night eating)
      fear of(?! fall)
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
      (de(s)?personal|dereali)
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
      self (cut|purg|induced purg|harm|injur|inflict|mutil|destruct|poison)
      (poison|overdos|toxic)[a-z]*( [a-z]+){0,6} self administered
      self administered (poison|overdos|toxic)
      intentional self
      auto ?(les|mutil|inflig|inflict|inflit|agre|intox|envenen|empoison|provoc)
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
      (speech|language)( sound| articulation)? disorder
      (arithmetical|scholastic) skills
      trouble specifique de l acquisition
      disturbance of activity and attention
      perturbation de l activite et de l attention
      (stereotyped movement|mouvements? stereotyp|movimientos? estereot|movimentos? estereot)
      (rivalite dans|rivalidad entre)
      (bredouill|farfull)
      (syndrom[ea]? (de )?rett|rett syndrom)
      syndromes? comportement
      (sindrome|sindromes) (del comport|comportam)
      phonological dis
      (dyslexi|dyscalcul|dislexi)
      (stutter|stammer|mutism|clutter)
      encopr
      (conduct|oppositional|disruptive|impulse|explosive|defiant)( [a-z]+)? (disorder|disturb|mood|behav)
      disturbance of (conduct|emotion)
      disorders? of conduct
      (antisocial|dissocial|kleptoman|pyroman|trichotil|parap?hil)
      gambl
      (spielsucht|spieltrieb|glucksspiel|pathologisches spiel|ludopat|ludomani|gokversl)
      (jeu|juego|jogo|gioco) (patho|pato|compul|excess|d azz)
      (fetish|pa?edophil|exhibitionis|voyeur|sadi[sc]|sado ?mas|masochis|frotteur|transvest)
      catatoni
      (attachment disorder|reactive attach|sibling rival|factitious|munchausen|malinger)
      premenstrual dysphor
      post ?partum (depress|blues|mood)
      (cognitive behavi|dialectical behavi|emdr$|electroconvuls|elektrokonv|elektrokramp|neurolept|antipsych|tranquil+(i[sz]|ant))
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
      (ocd|mdd|ssris?|snris?|maois?|camhs)$
      mao inhib
      nervous breakdown
      (magersucht|brechsucht|ess ?brech)
      borderline ?(person|typ|syndrom|stor)
      attempted (hanging|drowning|strang|poison|overdos)
      (sectioned|detained) under
      sectioned$
      involuntary (admis|commit|hospit|treat)
      (zwangseinw|hospitalisation sous contr|soins sans consent|internamiento involun|gedwongen opn)
      little interest or pleasure
    `,
  },
  {
    sensitivity: "PSY",
    doubtful: true,
    words: `
      mental (state|status|observ|exam|condit|fatigue)
      insomni
      (insonia|insonni|schlaflos|slapeloos|hipersomn|ipersonn)
      (trastorno|transtorno|trouble|disturb|storung)[a-z]*( [a-z]+){0,5} (sueno|sono|sonno|sommeil|schlaf)
      sleep(ing)? disorder
      deliri
      amnes(ic|tic) (disorder|syndrome)
      agitat
      aggression
      aggressive(ness)?( behav| person| outburst| conduct| child| act| impuls| tenden|(?! [a-z]))
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
      (intentional|intencional|intenzional|intentionnel|vorsatzlich|absichtlich|opzettelijk)
      confusion(al|nel|s?stat)
      (relationship|partner|family(?! hist)|marital|parent|in laws?|spouse|upbringing|life cycle|life management|social(?! hist))( [a-z]+){0,3} (problem|conflict|discord|breakdown|disrupt|reject|exclu|strain)s?
      problems? (in|with|related to|of) (the )?(relation|upbring|primary supp|spouse|partner|family|marit|in laws|adjust|life|social|lifesty|negative life|psychosoc)
      (jealous|hostil|anhedon|irritab|overactiv|suspiciousness)
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
      (low|elevated|labile|irritable|dysphoric|elated) mood
      amnesi
      (hyper|para)somni
      narcolep
      bizarre (personal )?(appear|behav|thought)
      (death|disappearance)( and death)? of (a |an )?(family|spouse|partner|child|parent|relative|friend)
      social skills
      undetermined (intent|whether)
      whether accidentally or purposely
      (unbestimmter absicht|umstande unbest|intention (non|indet)|intencion (no|indet)|intencao (nao|indet))
      ect$
      organic (brain|personal|delu|mood|mental|affect)
    `,
  },
  {
    sensitivity: "ETH",
    words: `
      (alcohol|alkohol|alcool|alcolis|alcolic)
      ethanol
      ethyl gluc
      42 cfr part ?2
      drunk
      (drinker|drinks (wine|beer|spirit|liqu|alc|heav))
      (smokes|sniffs|injects|takes|uses|uses other|swallows|misuses) drugs
      (drinks? (per|contain|alcoh|in a)|number of drinks|binge drink|(heavy|problem|excessive|hazardous|harmful) drink)
      (inebri|ivresse|trunks|trunken|embriag|eth?ylis|etilis)
      (substanz(geb|abh|miss|kons)|polytox|politox|abstinenc|rausch)
      delirium tremens
      korsako
      drugs? (abus|misus|depend|addict|use$|users?$|using|habit|overdos|detox|rehab|screen|withdr|seek|intox|taking|problem|service|counsel|delir|psych)
      drugs? treatment (program|cent|clinic|court|serv|facil|agenc|order|admis)
      drugs? related( [a-z]+)? (disord|offen|crime|death|harm|psych|problem|need)
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
      (inhalant|solvent)s? (abus|sniff|use|depend|misus|intox|induc|relat|withdr|persist|disord)
      (glue (snif|abus|use|inhal)|volatile solv)
      (sedative|hypnotic|stimulant|anxiolytic|tranquill?i[sz]er|barbiturates?|benzodiazepines?|sympathomimetic)s?( or [a-z]+| hypnotic| and [a-z]+)*( anxiolytic)?( type)? (abus|depend|use|misus|withdr|intox|induc|addict|relat|poison)
      addict
      abhangigkeitss
      sucht(m|k|h|b|p|t|s|g|erkr|verh)
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
      etoh
      schadlicher (gebrauch|konsum)
      (ivdu|ivda|pwid)$
      (crystal meth|crack cocain|meth (use|abus|addict|depend))
      (uso|usage|consumo) abusi(vo|f)
      fusel
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
      (poison|vergift)[a-z]* (by|due to|from|durch)( [a-z]+){0,3} (drug|medic|psycho|narco|sedat|hypnot|drog|arznei)
      noxious (substance|influence)
      (sedativ|hypnoti|barbitur|benzodiazep|narcotic|stimulan)
      abus(e|es|ed|er|ing|us|o|i)?$
      (missbrauch|misbruik|misus|depend(ence|encia|ance|enz|ency)$)
      abhangigkeit
      urine (drug|tox)
      toxicolog
      effects? of glue
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
      genital(herp|warz|infekt)
      (herpes simplex virus( type)? 2|hsv ?2)
      (condylom|kondylom|feigwarz)
      (anogenital|genital) (wart|herpe)
      (trichomon|tricomon)
      (chancroid|chancro bland|cancro mole|chancre mou|ulcus molle|ulcera molle|weicher schanker|l[iy](m|n)(ph|f)ogranuloma (ven|ing)|granulom[ae] (ing|ven))
      neuros[iy](ph|f)il
      (ano|uro)?genita[a-z]*( [a-z]+){0,10} herp
      herp[a-z]*( [a-z]+){0,4} ((ano|uro)?genita|perianal|anus)
      anus( [a-z]+){0,8} herp
      perianal[a-z]*( [a-z]+){0,6} herp
      (treponem|reagin|rpr$|vdrl)
      (mycoplasma(?! pneum)|ureaplasma)
      (abort(ion|us|o$|os$|um|e$|$)|avortem|schwangerschaftsabb|fehlgeburt|fausses? couche|miscarr|misgeboort|miskraam|zwangerschapsafb)
      abortive outcome
      terminat[a-z]+ of pregn
      interr?u[pz][a-z]* (volontaire |voluntaria |volontaria )?(de|del|di|da) (la )?(gross|embar|grav)
      ivg$
      (ectopic|tubal|molar|ovarian|unwanted|unplanned|unintended|teenage|adolescent|abdominal) pregn
      (hydatid(?! (cyst|dis))|blighted ovum|hydatidiform|mola hid|mole hyda|blasenmole|mola idat)
      (producto|produto|prodott|produit|product)[a-z]*( [a-z]+){0,2} (de la|da|del|of) conce
      (konzeptionsprod|genitaler reakt|(spontan|fruh|spat)abort)
      (embarazo|gravidez|grossesse|gravidanza)[a-z]* (abd|add|tub|ovar|ectop|extra)
      extrac[a-z]+ (menstr|catamen)
      oeuf clair
      foetus mort
      genital response
      (respuesta|resposta|reponse|risposta) genital
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
      (infertil|unfruchtb|onvruchtb|esterilid|sterilit[ae]|sterility(?! (test|indic|assur|cult)))
      (in vitro fert|artificial insem|assisted repro|procreative|ivf$)
      (erecti(le|el)|erektions|erektil|erectiest|eretil|erettil|disfuncion erec|impoten|ejacul|ejakul|eyacul|eiacul|libido|orgasm|anorgas|dyspareun|dispareun|vaginism|masturb|frigid)
      gender (id|dys|aff|reas|inc|non|trans)
      (transgen|transsex|transex|genderid|genderdys|genderinc)
      (identidade? de gen|identite de gen|identita di gen|disforia|dysphoria)
      (homo|bi|hetero)sex
      (lesbian|gay|queer|non ?binary)$
      (prostitut|sex work|condom|unprotected inter|morning after)
      menstrual extraction
      (pille|pilule|pildora|pilula|pillola|pil) (danach|du lendemain|del dia|do dia seg|del giorno dopo)
      (kupfer|hormon)spiral
      (sperm|egg|oocyte|embryo|gamete|ei ?zell|samen)( )?(donat|donor|spend)
      (surrogacy|surrogate (moth|pregn)|gestational carrier|leihmutter|gestation pour autrui|maternidad subrog)
      identifies as
      gender ?inkong
    `,
  },
  {
    sensitivity: "SEX",
    doubtful: true,
    words: `
      (std|sti|sdt)$
      (esterilizac|sterilizzaz|sterilisier)
      (semen|sperm) (anal|count|motil)
      same sex
      fertil(?!i[sz]er)
      intersex
      (pseudo)?hermaphrod
      indeterminate sex
      human papilloma
      (sex|sexo|sexe) (behav|chang|partner)
    `,
  },
  {
    sensitivity: "HIV",
    words: `
      hiv(?!es|ern)
      vih$
      vih ?[12]
      human immuno ?def
      (immunschwache|inmunodeficiencia human|immunodeficience hum|imunodeficiencia hum|immunodeficienza uma|humaan immun)
      (acquired immun|acquired immune)
      sida$
      sidat
      (anti)?r?retrovir
      aids ?(erkrank|krank|vollbild|defin|relat|dement|hilfe|indicator|complex)
    `,
  },
  {
    sensitivity: "HIV",
    doubtful: true,
    words: `
      kaposi
      cd4
      pneumocyst
      mycobacterium avium
      cytomegalovir[a-z]* retinit
      progressive multifocal leu
      seropositi(f|vo|vidad|vite|vita)$
      (pre ?exposure prophyl|pr(a)?eexpositionsproph|prophylaxie pre ?expos|profil(axis|axia|assi) pre ?expos)
    `,
  },
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
      (kindesmiss|kindermish|kindeswohl|vernachlass)
      (physically|sexually|emotionally|verbally|psychologically|financially)( and [a-z]+)? (abus|assault|neglect)
      abusive (relation|partner|husband|wife|spouse|boyfriend|girlfriend|parent|father|mother|home|househ|marriage|upbring)
      (sexuel|seksue|sexual|sessual)[a-z]* (missbr|misbr|ubergr|notig|gewalt|abus|aggress)
      abuso (sess|psic|domes)
      (aanrand|ongewenste intim)
      (neglig|trascurat|verwaarloz)[a-z]*( (o|e|ou|y|et|en))? ?aband
      (tatlich|korperlich)[a-z]* angriff
      (verwaarloz|verwahrlos|delaissement|sevices)
      child protection (plan|order|regis|conf|serv|invest)
      safeguarding
      (coercive control|controlling behav|honou?r based)
      fgm$
      (forced marri|zwangsheirat|zwangsverh|mariage force|matrimonio forz)
      strang(led|ulation) by
      (enfance|enfant) en danger
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

/** A letter with an accent, or any character, as XHTML may write it. */
const ENTITIES = /&(?:([a-z])(?:acute|grave|circ|uml|cedil|tilde|ring|slash)|#x([0-9a-f]{1,6})|#(\d{1,7}));/gi;
const characterOf = (point: number, otherwise: string): string =>
  point <= 0x10ffff ? String.fromCodePoint(point) : otherwise;

const MARKS = /\p{M}+/gu;
/** Soft hyphens, zero-width spaces and their like: nobody sees them. */
const UNSEEN = /\p{Cf}+/gu;
/** V.I.H., A.D.H.D. */
const DOTTED = /(?<![\p{L}\d])(?:\p{L}\.){2,}/gu;
/** Letters that Unicode doesn't take apart. */
const LETTERS: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ı: "i" };

/**
 * A text as the stems are spelled: lower case, without accents, everything but letters and digits a space.
 *
 * @example
 * foldText("Dépression (légère)") // "depression legere"
 */
export function foldText(text: string): string {
  return text
    .replace(ENTITIES, (entity, letter: string | undefined, hex: string | undefined, decimal: string | undefined) =>
      letter !== undefined ? letter : characterOf(hex === undefined ? Number(decimal) : parseInt(hex, 16), entity),
    )
    .normalize("NFKD")
    .replace(MARKS, "")
    .replace(UNSEEN, "")
    .toLowerCase()
    .replace(DOTTED, (initials) => `${initials.replaceAll(".", "")} `)
    .replace(/[ßæœøłđı]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}
