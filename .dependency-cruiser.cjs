/**
 * Which part may import which: crypto ← storage, crypto and sqlite ← vault, all of them, fhir and abi ← sdk ← watch ← cli ←
 * scripts, tour; sdk ← devnet ← tour, examples, bench; fhir, abi, sqlite and errors stand alone.
 * Type imports count too. `npm run lint` holds every file against this.
 */

/** For each room, the other rooms that it may import. Every room may import errors. */
const ROOMS = {
  errors: [],
  abi: [],
  crypto: [],
  sqlite: [],
  storage: ["crypto"],
  vault: ["crypto", "sqlite"],
  fhir: [],
  sdk: ["crypto", "storage", "vault", "fhir", "abi"],
  watch: ["sqlite", "sdk"],
  cli: ["crypto", "sqlite", "storage", "vault", "fhir", "abi", "sdk", "watch"],
};

/** The rooms of the SDK, from the ground up: each may import those before it. A module may import them all. */
const SDK_ROOMS = ["chain", "handover", "people", "relationships", "consent", "records", "release", "export"];

/** Used where they are installed, and asked for only when a caller wants them. */
const OPTIONAL = "node_modules/@medplum/(core|definitions)/";
const KUBO = "node_modules/kubo-rpc-client/";

const directions = Object.entries(ROOMS).map(([room, others]) => ({
  name: `${room}-imports-only-what-is-below-it`,
  comment: `src/${room} may import ${["errors", ...others].map((other) => `src/${other}`).join(", ")} and no other room.`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: `^src/(${[room, "errors", ...others].join("|")})/` },
}));

const upwards = SDK_ROOMS.slice(0, -1).map((room, i) => ({
  name: `sdk-${room}-imports-only-what-is-below-it`,
  comment: `src/sdk/${room} may not import ${SDK_ROOMS.slice(i + 1)
    .map((above) => `src/sdk/${above}`)
    .join(", ")}.`,
  severity: "error",
  from: { path: `^src/sdk/${room}/` },
  to: { path: `^src/sdk/(${SDK_ROOMS.slice(i + 1).join("|")})/` },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...directions,
    ...upwards,
    {
      name: "apps-use-the-package",
      comment: "An app stands on what the package exports, by its names, and on no file within it.",
      severity: "error",
      from: { path: "^apps/" },
      to: {
        path: "^(src|devnet)/",
        pathNot: ["^src/.+/index\\.ts$", "^src/sdk/module-kit\\.ts$", "^devnet/published\\.ts$"],
      },
    },
    {
      name: "apps-are-started",
      comment: "An app is a program of its own: nothing but its tests imports it.",
      severity: "error",
      from: { pathNot: "^apps/" },
      to: { path: "^apps/" },
    },
    {
      name: "modules-are-apart",
      comment: "The core doesn't know a module, and a module knows another one's index alone.",
      severity: "error",
      from: { path: "^src/sdk/(modules/[^/]+|[^/]+)/" },
      to: { path: "^src/sdk/modules/", pathNot: ["^src/sdk/$1/", "^src/sdk/modules/[^/]+/index\\.ts$"] },
    },
    {
      name: "client-knows-no-module",
      comment: "Modules are handed to createClient. What the package exports of one is that one's own entry.",
      severity: "error",
      from: { path: "^src/sdk/[^/]+\\.ts$" },
      to: { path: "^src/sdk/modules/" },
    },
    {
      name: "errors-import-nothing",
      severity: "error",
      from: { path: "^src/errors/" },
      to: { pathNot: "^src/errors/" },
    },
    {
      name: "texts-of-errors-are-not-loaded",
      comment: "The catalogue is for its page and for the type of a code. A browser shouldn't carry it.",
      severity: "error",
      from: { pathNot: "^src/errors/catalogue/" },
      to: { path: "^src/errors/catalogue/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "every-file-of-src-is-in-a-known-room",
      comment: "A new room gets its place in the import direction first: add it to ROOMS in this file.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(${Object.keys(ROOMS).join("|")})/` },
      to: {},
    },
    {
      name: "src-stands-on-its-own",
      comment: "What is published must not need what is not.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/commands/network/" },
      to: { path: "^(devnet|scripts|tour|examples|bench|simulation|test|ignition|tools)/" },
    },
    {
      name: "the-command-line-deploys-by-devnet",
      comment: "What the package exports of devnet has the bytecode. Only commands about a network need it.",
      severity: "error",
      from: { path: "^src/cli/commands/network/" },
      to: {
        path: "^(devnet|scripts|tour|examples|bench|simulation|test|ignition|tools)/",
        pathNot: "^devnet/published",
      },
    },
    {
      name: "only-the-command-line-knows-the-command-line",
      comment: "Scripts, tour and tests start it. A library doesn't.",
      severity: "error",
      from: { path: "^(src|devnet|bench|simulation|ignition)/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "only-tests-import-tests",
      severity: "error",
      from: { path: "^(devnet|scripts|tour|examples|bench|simulation|ignition)/" },
      to: { path: "^test/" },
    },
    {
      name: "devnet-stands-on-the-sdk",
      comment: "Tour, tests, bench, simulation and applications stand on devnet; it knows none of them.",
      severity: "error",
      from: { path: "^devnet/" },
      to: { path: "^(scripts|tour|examples|bench|simulation|tools)/" },
    },
    {
      name: "hardhat-is-loaded-on-demand",
      comment: "Hardhat and Ignition are optional peers of the package: what it exports of devnet loads without them.",
      severity: "error",
      from: { path: "^devnet/", pathNot: "^devnet/(chain|index|participants)\\.ts$" },
      to: {
        path: "node_modules/(hardhat|@nomicfoundation)/|^ignition/|^devnet/(chain|index|participants)\\.ts$",
        dynamic: false,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "only-sdk-speaks-to-the-contracts",
      comment:
        "Contract types belong to src/sdk, to the tests, to deployment and to simulations, which act for thousands; everyone else goes through the SDK.",
      severity: "error",
      from: { pathNot: "^(src/sdk|test|ignition|simulation|typechain-types)/" },
      to: { path: "^typechain-types/" },
    },
    {
      name: "src-takes-types-of-contracts-and-no-bytecode",
      comment: "At run time src/sdk speaks by the ABIs of src/abi. Index and factories have the bytecode.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^typechain-types/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "src-names-no-factory-even-as-a-type",
      comment: "What a type is taken from is built and published with it.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^typechain-types/(index|factories/)" },
    },
    {
      name: "node-only-in-node-folders",
      comment: "Browsers have none of Node's modules. What needs one goes into the room's node folder.",
      severity: "error",
      from: { path: "^src/", pathNot: "/node/|^src/cli/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "web-only-in-web-folders",
      comment:
        "SQLite's WebAssembly build and what stands on a browser are for browsers. Nothing that also runs under Node loads them, not even by their types.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(sqlite|storage|vault)/web/" },
      to: { path: "^src/(sqlite|storage|vault)/web/|node_modules/@sqlite\\.org/" },
    },
    {
      name: "no-cycles",
      comment: "Types count: two files that need each other are one. What both need goes into a file of its own.",
      severity: "error",
      from: { pathNot: "^typechain-types/" },
      to: { circular: true },
    },
    {
      name: "src-needs-no-dev-dependency",
      comment:
        "Only types may come from a dev dependency; at run time a user of the package does not have it. The command line is published with what it imports.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: `${OPTIONAL}|${KUBO}` },
    },
    {
      name: "validation-is-optional",
      comment: "Only src/fhir uses the Medplum validator, and only by import(), so that everything runs without it.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/fhir/" },
      to: { path: OPTIONAL, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "kubo-is-loaded-on-demand",
      comment: "Only who has a Kubo node installs its client.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: KUBO, dynamic: false, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "validation-is-loaded-on-demand",
      severity: "error",
      from: { path: "^src/fhir/" },
      to: { path: OPTIONAL, dynamic: false, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "every-package-is-declared",
      comment: "Add the package to package.json: it is only here because another one brought it.",
      severity: "error",
      from: { path: "^(src|devnet|scripts|tour|examples|bench)/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "every-import-resolves",
      severity: "error",
      from: { pathNot: "^typechain-types/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ["node_modules", "^typechain-types/"] },
    exclude: { path: ["^(dist|artifacts|cache|coverage|\\.cache)/"] },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main", "types", "typings"],
    },
  },
};
