/** What isn't proved, and the tests that stand in: the table at the end of docs/assurance/proofs.md. */
import { textOf } from "../setup/project.mjs";

/** @typedef {{ property: string, why: string, standIn: string }} Open */

/** @returns {Open[]} */
export function openProperties() {
  const [, table = ""] = (textOf("docs", "assurance", "proofs.md") ?? "").split("## What isn't proved");
  return table
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line) => {
      const [, property = "", why = "", tests = ""] = line.split("|").map((cell) => cell.trim());
      return {
        property,
        why,
        standIn: tests.replaceAll("`C` ", "test/contracts/").replaceAll("`S` ", "test/security/"),
      };
    });
}
