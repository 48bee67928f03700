/**
 * The one list of error codes. `ErrorCode` is made of it, and `npm run errors` writes docs/reference/errors.md.
 *
 * Nothing loads these texts to run: src/errors takes the types of this file alone (.dependency-cruiser.cjs holds it to that).
 */
import { ACCOUNTS_KEYS_AND_RECOVERY } from "./accounts-keys-and-recovery.js";
import { AGENT } from "./agent.js";
import { BATCHES_AND_EMERGENCIES } from "./batches-and-emergencies.js";
import { AUTHORITY } from "./contracts/authority.js";
import { CHART_TOKEN } from "./contracts/chart-token.js";
import { CONSENTS } from "./contracts/consents.js";
import { DATA_BANK } from "./contracts/data-bank.js";
import { EVERY_CONTRACT } from "./contracts/every-contract.js";
import { PATIENT_PROVIDER_RELATIONSHIPS } from "./contracts/patient-provider-relationships.js";
import { RECORDS } from "./contracts/records.js";
import { REGISTRAR } from "./contracts/registrar.js";
import { STUDIES } from "./contracts/studies.js";
import { CRYPTO } from "./crypto.js";
import { DELEGATES_AND_CHILDREN } from "./delegates-and-children.js";
import { DEVNET } from "./devnet.js";
import { EVERY_ROOM } from "./every-room.js";
import { FHIR_SERVER } from "./fhir-server.js";
import { FHIR } from "./fhir.js";
import { GATEKEEPER } from "./gatekeeper.js";
import { COMMAND_LINE } from "./command-line.js";
import { CLIENT_AND_CHAIN } from "./sdk/client-and-chain.js";
import { DATA_BANK_AND_STUDIES } from "./sdk/data-bank-and-studies.js";
import { DOUBTS_AND_RETRACTIONS } from "./sdk/doubts-and-retractions.js";
import { HANDOVER_FILES } from "./sdk/handover-files.js";
import { PARTICIPANTS_AND_NAMES } from "./sdk/participants-and-names.js";
import { RECORDS_AND_KEYS } from "./sdk/records-and-keys.js";
import { RELATIONSHIPS } from "./sdk/relationships.js";
import { STORAGE } from "./storage.js";
import { VAULT } from "./vault.js";
import { WATCH } from "./watch.js";
import type { Explanations } from "./explanation.js";

/** By the headings of the page, in its order. */
export const CATALOGUE = {
  "sdk: client and chain": CLIENT_AND_CHAIN,
  "sdk: participants and names": PARTICIPANTS_AND_NAMES,
  "sdk: relationships": RELATIONSHIPS,
  "sdk: handover files": HANDOVER_FILES,
  "sdk: records and keys": RECORDS_AND_KEYS,
  "sdk: doubts and retractions": DOUBTS_AND_RETRACTIONS,
  "every room": EVERY_ROOM,
  "contracts: every contract": EVERY_CONTRACT,
  "contracts: Registrar": REGISTRAR,
  "contracts: PatientProviderRelationships": PATIENT_PROVIDER_RELATIONSHIPS,
  "contracts: Consents": CONSENTS,
  "contracts: Records": RECORDS,
  "contracts: Authority": AUTHORITY,
  "contracts: ChartToken": CHART_TOKEN,
  "contracts: DataBank": DATA_BANK,
  "contracts: Studies": STUDIES,
  vault: VAULT,
  watch: WATCH,
  crypto: CRYPTO,
  storage: STORAGE,
  fhir: FHIR,
  "fhir: a server": FHIR_SERVER,
  gatekeeper: GATEKEEPER,
  devnet: DEVNET,
  "command line": COMMAND_LINE,
  "command line: an agent": AGENT,
  "contracts and sdk: accounts, keys and recovery": ACCOUNTS_KEYS_AND_RECOVERY,
  "contracts and sdk: delegates and children": DELEGATES_AND_CHILDREN,
  "contracts and sdk: batches and emergencies": BATCHES_AND_EMERGENCIES,
  "sdk: the Data Bank and studies": DATA_BANK_AND_STUDIES,
} satisfies Readonly<Record<string, Explanations>>;
