import type { Parameters, Patient, Resource } from "@medplum/fhirtypes";

/**
 * The Patient resources of an input: itself, those of a Bundle, and those in Bundles and Parameters inside it. What is
 * contained in another resource isn't among them: it may be a relative.
 *
 * @param resource of an input, not checked for anything but its shape
 * @example
 * peopleIn(bundle).map(({ birthDate }) => birthDate) // ["1970-01-01"]
 */
export function peopleIn(resource: Resource | undefined): Patient[] {
  if (resource?.resourceType === "Patient") return [resource];
  if (resource?.resourceType === "Bundle") return listOf(resource.entry).flatMap((entry) => peopleIn(entry?.resource));
  return resource?.resourceType === "Parameters" ? peopleInParameters(resource.parameter) : [];
}

type Parameter = NonNullable<Parameters["parameter"]>[number];

const peopleInParameters = (parameters: Parameter[] | undefined): Patient[] =>
  listOf(parameters).flatMap((one) => [...peopleIn(one?.resource), ...peopleInParameters(one?.part)]);

const listOf = <T>(value: T[] | undefined): (T | undefined)[] => (Array.isArray(value) ? value : []);

/** What tells a person from others, and nothing else of the resource. */
export function demographicsOf(patient: Patient): Patient {
  const { identifier, name, gender, birthDate, multipleBirthBoolean, multipleBirthInteger, deceasedDateTime } = patient;
  return {
    resourceType: "Patient",
    ...(identifier === undefined ? {} : { identifier }),
    ...(name === undefined ? {} : { name }),
    ...(gender === undefined ? {} : { gender }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(multipleBirthBoolean === undefined ? {} : { multipleBirthBoolean }),
    ...(multipleBirthInteger === undefined ? {} : { multipleBirthInteger }),
    ...(deceasedDateTime === undefined ? {} : { deceasedDateTime }),
  };
}
