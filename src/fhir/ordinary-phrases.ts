/**
 * Phrases that hold one of the stems of sensitive-words.ts and mean something else, in its spelling. They are taken out
 * of a text before it is looked through.
 */
export const ORDINARY_PHRASES = `
  st( segment)?( or t wave)? depression
  depression of st
  (respiratory|bone marrow|marrow|myelo|immune|immuno|skull|cns|myocardial|growth|reflex|spreading|tongue) depression
  depress(ed|ion) (of |in |der |des |de la )?(the )?((left|right|deep|anterior|global|lv) )*(bone|knochen|moelle|medula|skull|marrow|respirat|level of conscious|conscious|sensori|fontanel|ejection|lv|ventric|systolic|diastolic|gag|cough|corneal|reflex|tendon|stern|zygoma|immun|cardiac|t wave|nasal|fracture|frontal|parietal|cranial|scar|lesion|nipple|platelet|tibial)[a-z]*
  (chamber|orbital|sternal|zygomatic|tibial|plateau|articular|ventricular|cardiac|reflex|corneal|h(a)?ematopoietic|vasomotor) depression
  depressed st$
  tongue depressor
  (non|not|nicht|no|niet) ?(alcoholic|alkoholisch|alcoolic|alcoholica|alcoholico|alcoolique|alcoholische)
  (cetyl|cetostearyl|stearyl|benzyl|polyvinyl|wool|lanolin|rubbing|phenylethyl) alcohols?
  (?<!(effect|ingestion) of )(?<!poisoning (by|with) )isopropyl alcohol(?! (in|mass|moles|level|presence))
  alcohol (free|based)
  (ethanol|alcohol)( [a-z0-9]+){0,5} (topical|gel|swab|pad|sanitizer|mouthwash)
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
  (electromechanical|atrioventricular|av|auriculoventricular|oxygen|(oxy)?h(a)?emoglobin|albuminocytologic) dissociation
  dissociation curve
  dissociated (nystag|vert|devi|horizont)[a-z]*
  dissociative an(a)?esth[a-z]*(?! and)
  (chlamydia|chlamydophila|chlamydial)( species)?( [a-z]+)? ?(pneumon|psitt|conjunct)
  lithium (heparin|ion|batter|disilicate|hydroxide|grease)
  heparin lithium
  (batter|heparin)[a-z]* lithium
  caffeine
  (tobacco|nicotine|cigarette|smoking|tobacco smoke)( product)?s?( cessation)? (abuse|addict|dependen|use|withdrawal|counsel|abstinen)[a-z]*
  (sevrage|abus|abuso|abusus|entzug|desintoxication|deshabituacion|dipendenz[a-z]*|verslaving)( (de|di|du|da|au|aan|von|al))? (tabac|tabag|tabaq|tabak|nicotin|nikotin|fumo)[a-z]*
  dependen(ce|cy|t) (on|upon) ((a|an|the|others|supplemental|long term|chronic|mechanical|renal|peritoneal|home) )*(oxygen|dialysis|h(a)?emodialysis|ventilat|respirat|wheelchair|aspirator|enabling|machine|device|iron lung|care ?giver|carer|family|walker|insulin|steroid|transfusion|pacemaker|feeding|tube|parenteral)[a-z]*
  (ventilator|respirator|oxygen|dialysis|steroid|corticosteroid|glucocorticoid|transfusion|wheelchair|insulin|vitamin( [a-z0-9]+)?|pyridoxine|pacemaker|device|machine|caregiver|hormone|dose|functional) dependen[a-z]*
  abhangigkeit (von|vom) ((der|dem|einem|einer|sonstigen|langzeit) )*(respirator|dialyse|beatmung|sauerstoff|aspirator|rollstuhl|hilfe|pflege|maschin|gerat|apparat)[a-z]*
  dependance (a|au|aux|envers)( (l|la|le|un|une|des))* (oxygen|dialyse|ventilat|respirat|fauteuil|aspirateur|machine|appareil|tiers|tabac|nicotin|corticoid)[a-z]*
  dependen(cia|za)( (de|da|do|del|della|dall|dal|dalla|di|a|al|la|el|un|una|um|uma))+ (oxigen|ossigen|dialis|h?emodialis|ventila|respira|silla|cadeira|sedia|maquina|tabac|nicotin|fumo)[a-z]*
  dependencia funcional
  (ventilator|cardiac|cardio ?pulmonary|pulmonary|physical|stroke|neuro[a-z]*|vestibular|orthop[a-z]*|respiratory) rehabilitation program[a-z]*
  (laxative|steroid|antacid) abuse of
  sexual(ly)? (precoc|matur(?!ation dis)|develop|ambig|infantilis)[a-z]*
  (delayed|precocious) sexual
  premature sexual
  (spatial|hemispatial|visuospatial|visual|unilateral|hemi|sensory|neurologic[a-z]*|left|right)( sided)? neglect
  neglect syndrome
  neglected (fracture|disloc|injur|wound|tear|rupture|foot|club)[a-z]*
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
  irritable (bowel|colon|bladder|airway|larynx)
  (intestin|intestino|colon|vejiga|vessie|bexiga) irritab[a-z]*
  overactive (bladder|thyroid|parathyroid|detrusor)
  stress( urinary| induced)? (incontinen|fracture|test|echo|ulcer|hyperglyc|cardiomyop|gastri|mri|perfusion|ecg|ekg|electrocard|scintig|myocard|dose|polycyth|radiog)[a-z]*
  pneumonia (due to|caused by|by) mycoplasma
  (tissue|skin|fibrin|wound|surgical|bone|dental|cyanoacrylate) glue
  glue (ear|closure|emboli|inject)[a-z]*
  agitated saline
  (diet[a-z]*|nutrition[a-z]*|genetic|exercise|physical activity|weight( management| loss)?|obesity|lifestyle|travel|medication|pharmac[a-z]*|immuni[sz]ation|vaccin[a-z]*|diabet[a-z]*|asthma|dental|oral hygiene|injury prevention|safety|prenatal|antenatal|pregnancy|breast ?feeding|lactation|(pre|post)operative|financial|vocational|foot ?care|cancer) counsel[a-z]*
  counsel[a-z]* (for|about|on|regarding|in) (the )?(diet|nutrition|exercise|physical|weight|lifestyle|travel|medication|immuni|vaccin|diabet|safety|injury|breast|foot|dental|oral)[a-z]*
  (food|water|carbon monoxide|co|lead|digoxin|digitalis|mercury|metal|arsenic|cadmium|pesticide|organophosph[a-z]*|mushroom|fish|histamine|vitamin( [a-z0-9]+)?|iron|theophyllin[a-z]*|fluoride|cyanide) intoxicat[a-z]*
  intoxicati?on (aliment|au monoxyde|par le monoxyde|saturn|por monoxido)[a-z]*
  withdrawal (bleed|reflex|of (life|care|treatment|consent|support|study|blood|fluid|needle|catheter|feeding|ventilat)|from (study|trial|research|ventil))[a-z]*
  (consent|treatment|care|life support|study|steroid|corticosteroid|glucocorticoid|blood|(o)?estrogen) withdrawal
  panic (value|level|result|range|button)[a-z]*
  tic douloureux
  hyperkinetic (heart|circul|pulse|ventric|movement)[a-z]*
  (biliary|gall ?bladder|ventricular|wall) hyperkines[a-z]*
  condom (catheter|drain|urin)[a-z]*
  (instrument|equipment|device|surface|tray|needle|steam|bottle)s? sterili[sz]ation
  sterili[sz]ation (of (the )?(instrument|equipment|device|bottle|surgical|tool|needle)|lot|tray|cycle)[a-z]*
  human papilloma ?virus( [a-z0-9]+){0,3} (vaccin|impf|vacuna|immuni[sz])[a-z]*
  (vaccin|impf|vacuna|immuni[sz])[a-z]*( [a-z0-9]+){0,4} human papilloma ?virus
  (except|excluding|other than|ausgenommen|sauf|excepto|exceto|escluso) (psych|psiq|psic|mental|alcohol|drug|substance)[a-z]*( (hospital|health|clinic|ward|unit|abuse|use)[a-z]*)?
  mini mental( state| status)?( exam[a-z]*)?( score)?
  mental status( exam[a-z]*)?( (is|was))? (alert|orient|normal|intact|baseline|unchanged|at baseline|within normal)[a-z]*
  fear of fall[a-z]*
  (physical|physio|occupational|speech|language|respiratory|radiation|infusion|iv|intravenous|h(a)?emodialysis|dialysis|swallow[a-z]*|nutrition|massage|hyperbaric|oxygen|wound|laser|hand|vestibular|manual|enterostomal|anticoagulation|hormone|drug|diet) therapy
  (tilidin|oxycod|oxicod|pentazocin)[a-z]*( [a-z0-9]+){0,6} naloxon[a-z]*
  naloxon[a-z]*( [a-z0-9]+){0,6} (tilidin|oxycod|oxicod|pentazocin)[a-z]*
  (nirmatrelvir|paritaprevir)( [a-z0-9]+){0,8} ritonavir
  stimulant laxative
  transient global amnesi[a-z]*
  amnesi[ae] global[a-z]*
  globale? amnesi[a-z]*
  suicide gene
  (rabies|malaria|covid( 19)?|hepatitis [ab])( [a-z0-9]+){0,3} pre ?exposure prophyl[a-z]*
  pre ?exposure prophyl[a-z]* (for|against|of) (rabies|malaria|covid|hepatitis)[a-z]*
  (inducid|induzid|debid|devid|secundari|respuesta|resposta)[a-z]*( [a-z]+){0,4} drogas
  (no|nao|non|nicht|niet) (intencional|intenzional|intentionnel|vorsatzlich|absichtlich|opzettelijk)[a-z]*
  (uncertain|unknown|malignant|benign)( (and|or) unknown)? behaviou?r
  developmental disorders? of (the )?(jaw|tooth|teeth|hip|dent)[a-z]*
  deaf mutism
  cannabinos[ie]s?
  foodborne( [a-z]+){0,5} intoxicat[a-z]*
  intoxications? bacterien[a-z]*
  adrenocortical overactiv[a-z]*
  torsion hydatid[a-z]*
  dissociation et dislocation
`;
