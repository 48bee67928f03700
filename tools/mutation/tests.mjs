/**
 * Which tests judge a mutant of which contract, the likely killers first. Tests that aren't named for a contract don't
 * judge its mutants, so what is counted as survived is what its own tests let through.
 */
import { globSync } from "node:fs";

import { ROOT } from "../setup/project.mjs";

const C = "test/contracts";
const S = "test/{security,findings}";
const PEOPLE = [`${C}/Registrar.test.ts`, `${C}/SignedActions*.test.ts`];
const CONSENTS = [`${C}/Consents.*.test.ts`, `${C}/ConsentsTruthTable*.test.ts`, `${C}/Delegates.*.test.ts`];
const RELATIONSHIPS = [`${C}/PatientProviderRelationships.*.test.ts`, `${C}/Delegates.relationships.test.ts`];

/** Path of a contract → globs of tests, in the order in which they run. The first that fits counts. @type {[RegExp, string[]][]} */
const JUDGES = [
  [
    /\/Consents\.sol$/,
    [
      ...CONSENTS,
      `${C}/SignedActions*.test.ts`,
      `${C}/*.settings.effects.test.ts`,
      `${S}/*.test.ts`,
      `${C}/Authority.test.ts`,
      `${C}/Consents*.t.sol`,
      `${C}/invariant/Consents.invariant.t.sol`,
    ],
  ],
  [
    /\/Delegates\.sol$/,
    [`${C}/Delegates.*.test.ts`, `${C}/SignedActions*.test.ts`, `${S}/*.test.ts`, `${C}/Delegates*.t.sol`],
  ],
  [
    /\/PatientProviderRelationships\.sol$/,
    [
      ...RELATIONSHIPS,
      `${C}/SignedActions*.test.ts`,
      `${C}/*.settings.effects.test.ts`,
      `${S}/*.test.ts`,
      `${C}/Summary.test.ts`,
      `${C}/PatientProviderRelationships*.t.sol`,
      `${C}/invariant/Relationships.invariant.t.sol`,
    ],
  ],
  [/\/Records\.sol$/, [`${C}/Records*.test.ts`, `${C}/Records*.t.sol`, `${C}/invariant/Relationships.invariant.t.sol`]],
  [/\/Summary\.sol$/, [`${C}/Summary.test.ts`, `${C}/Summary*.t.sol`, `${C}/invariant/Relationships.invariant.t.sol`]],
  [
    /\/TransparencyLog\.sol$/,
    [`${C}/modules/TransparencyLog.test.ts`, `${C}/modules/TransparencyLog*.t.sol`, "test/vectors/merkle.test.ts"],
  ],
  [/\/SignedActions\.sol$/, [...PEOPLE, ...RELATIONSHIPS, `${C}/Consents.grant.test.ts`, `${S}/*.test.ts`]],
  [
    /modules\/data-bank\//,
    [
      `${C}/modules/{ChartToken,DataBank}*.test.ts`,
      `${C}/SignedActions*.test.ts`,
      `${C}/Authority.test.ts`,
      `${C}/modules/{ChartToken,DataBank}*.t.sol`,
      `${C}/invariant/{ChartToken,DataBank}.invariant.t.sol`,
    ],
  ],
  [
    /modules\/studies\//,
    [
      `${C}/modules/Studies*.test.ts`,
      `${C}/SignedActions*.test.ts`,
      `${C}/modules/Studies*.t.sol`,
      `${C}/invariant/Studies.invariant.t.sol`,
    ],
  ],
  [/registrar\/Accounts\.sol$/, parts("accounts", "children", "coming-of-age", "freeze", "recovery.freeze")],
  [/registrar\/Children\.sol$/, parts("children", "coming-of-age", "representatives")],
  [/registrar\/Epochs\.sol$/, parts("epochs", "recovery.effects", "coming-of-age")],
  [/registrar\/Identities\.sol$/, parts("identities", "children")],
  [/registrar\/Keys\.sol$/, parts("keys", "coming-of-age", "recovery.execute", "freeze")],
  [/registrar\/Licences\.sol$/, parts("licences")],
  [/registrar\/PatientSettings\.sol$/, parts("settings", "freeze")],
  [/registrar\/Recoveries\.sol$/, parts("recovery", "guardians", "freeze")],
  [
    /registrar\/|\/Registrar\.sol$|types\/(Participant|ParticipantId|Guardians)\.sol$/,
    [
      `${C}/Registrar.*test.ts`,
      ...PEOPLE,
      ...CONSENTS,
      `${S}/*.test.ts`,
      `${C}/Authority.test.ts`,
      `${C}/Registrar*.t.sol`,
      `${C}/types/*.t.sol`,
    ],
  ],
  [/types\/Year\.sol$/, [`${C}/types/Year*.t.sol`, ...parts("children", "coming-of-age", "representatives")]],
  [/types\/Relationship\.sol$/, [`${C}/types/Relationship.t.sol`, ...RELATIONSHIPS]],
  [/types\/ProviderList\.sol$/, [`${C}/types/ProviderList.t.sol`, ...RELATIONSHIPS, `${C}/Summary.test.ts`]],
  [/types\/RunningHead\.sol$/, [`${C}/types/RunningHead.t.sol`, `${C}/Records.test.ts`, `${C}/Records.t.sol`]],
  [/types\/LogHead\.sol$/, [`${C}/types/LogHead.t.sol`, `${C}/Records.test.ts`, `${C}/Records.t.sol`]],
  [/types\/Batch\.sol$/, [`${C}/Records.test.ts`, `${C}/Records.t.sol`]],
  [/types\/(Category|Lanes|Purpose|Delegation|Emergency)\.sol$/, [`${C}/types/*.t.sol`, ...CONSENTS]],
];

/**
 * @param {string} contract path of its file.
 * @returns {string[][]} stages: tests in TypeScript run together, tests in Solidity too; one that fails ends it.
 */
export function judgesOf(contract) {
  const [, globs = [`${C}/**/*.test.ts`, `${C}/**/*.t.sol`]] = JUDGES.find(([pattern]) => pattern.test(contract)) ?? [];
  const files = [...new Set(globs.flatMap((glob) => globSync(glob, { cwd: ROOT }).map(slashed).sort()))];
  /** @type {string[][]} */
  const stages = [];
  for (const file of files) {
    const last = stages.at(-1);
    if (last !== undefined && isSolidity(last[0]) === isSolidity(file)) last.push(file);
    else stages.push([file]);
  }
  return stages;
}

/** @param {string} file */
export const isSolidity = (file) => file.endsWith(".sol");

/** The tests of some parts of the Registrar, then what every part has in common. @param {string[]} names @returns {string[]} */
function parts(...names) {
  return [
    ...names.flatMap((name) => [`${C}/Registrar.${name}.test.ts`, `${C}/Registrar.${name}.*.test.ts`]),
    ...PEOPLE,
    `${C}/Registrar.settings.effects.test.ts`,
    `${S}/*.test.ts`,
    ...names.flatMap((name) => [`${C}/Registrar.${name}.t.sol`, `${C}/Registrar.${name}.*.t.sol`]),
    `${C}/Registrar.t.sol`,
    `${C}/invariant/{Registrar,Recovery}.invariant.t.sol`,
  ];
}

const slashed = (/** @type {string} */ file) => file.replaceAll("\\", "/");
