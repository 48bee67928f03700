import { EVERY_STEWARD, type AccessOf } from "../../sdk/index.js";
import { time } from "../terminal/tables.js";

/** What somebody sees of a patient all the same, why, and what ends that. */
export function stillSees({
  viewer,
  patient,
  grants,
  delegated,
  delegatedBy,
  emergency,
  relationship,
}: AccessOf): string[] {
  const lines = [
    ...grants.map(({ purpose, steward, categories, until }) => {
      const whose = steward === EVERY_STEWARD ? "every provider's records" : `records of provider ${steward}`;
      return `${categories.join(", ")} of ${whose} for ${purpose} until ${time(until)}, by a grant: chartchain consent revoke ${viewer}`;
    }),
    ...(relationship === "Active"
      ? [`the records that it keeps, and it adds new ones, by its relationship: chartchain relationship end ${viewer}`]
      : []),
    ...(delegated.length === 0
      ? []
      : delegatedBy === patient
        ? [`${delegated.join(", ")} as a delegate: chartchain delegate dismiss ${viewer}`]
        : [`${delegated.join(", ")} as a representative: participant ${delegatedBy} appointed it, and ends it`]),
    ...(emergency.length === 0
      ? []
      : [
          `${emergency.join(", ")} by a broken glass: chartchain consent revoke ${viewer}, or chartchain emergency review ${viewer}`,
        ]),
  ];
  return lines.length === 0 ? ["nothing"] : lines;
}
