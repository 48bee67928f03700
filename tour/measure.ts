/** Numbers out of FHIR Observations, for a study to count with. */

/** What was measured, and in what unit. */
export interface Measured {
  /** The LOINC code, or another one where there is none. */
  code: string;
  name: string;
  unit: string;
  value: number;
}

const SYSTOLIC = "8480-6";

/** Every number that the Observations of a record hold, their components' too; none where it isn't FHIR as JSON. */
export function measuredIn(content: Uint8Array): Measured[] {
  const found: Measured[] = [];
  try {
    collect(JSON.parse(new TextDecoder().decode(content)), found);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return found;
}

/**
 * What a study of these participants looks at: their systolic pressures, or else what most of them were measured, but at
 * least two.
 *
 * @param participants what was measured of each
 * @returns a code; undefined where there is none
 */
export function codeToStudy(participants: readonly (readonly Measured[])[]): string | undefined {
  const counts = new Map<string, number>();
  for (const measured of participants) {
    for (const code of new Set(measured.map((each) => each.code))) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  // A mean over one of several participants would be that participant's own number.
  const shared = [...counts].filter(([, count]) => count > 1 || participants.length === 1);
  const first = (code: string) => (code === SYSTOLIC ? 0 : 1);
  return shared.sort(([a, n], [b, m]) => first(a) - first(b) || m - n || a.localeCompare(b))[0]?.[0];
}

interface Coded {
  code?: { coding?: { system?: string; code?: string; display?: string }[]; text?: string };
  valueQuantity?: { value?: number; unit?: string; code?: string };
  component?: Coded[];
}

function collect(node: unknown, found: Measured[]): void {
  if (typeof node !== "object" || node === null) return;
  if ("resourceType" in node && node.resourceType === "Observation") {
    const observation = node as Coded;
    for (const each of [observation, ...(observation.component ?? [])]) {
      const measured = measuredOf(each);
      if (measured !== undefined) found.push(measured);
    }
    return;
  }
  for (const child of Object.values(node)) collect(child, found);
}

function measuredOf({ code, valueQuantity }: Coded): Measured | undefined {
  const coding = code?.coding?.find(({ system }) => system === "http://loinc.org") ?? code?.coding?.[0];
  const value = valueQuantity?.value;
  if (coding?.code === undefined || value === undefined) return undefined;
  const name = coding.display ?? code?.text ?? coding.code;
  return { code: coding.code, name, unit: valueQuantity?.unit ?? valueQuantity?.code ?? "", value };
}
