import { type Role, rolesOf } from "../../sdk/index.js";
import { type Events, numberIn, type Wanted } from "./reading.js";

/** What an institution may act as. Times in seconds since 1970. */
export interface Licence {
  roles: Role[];
  until: number;
  /** Until when it is suspended; 0: not. */
  suspendedUntil: number;
}

const KINDS = { Registrar: ["Licensed", "Suspended", "SuspensionConfirmed", "Reinstated"] } as const;

/** Every licence of the deployment: there are few, and the events about an institution are many. */
export const LICENCES: Wanted = { kinds: KINDS };

const FOR_GOOD = 2 ** 40 - 1;

/** The licences of those among these participants that were ever licensed: the institutions. */
export function licencesOf(events: Events, participants: Iterable<number>): Map<number, Licence> {
  const licences = new Map<number, Licence>();
  const ids = [...new Set(participants)].filter((id) => id > 0);
  if (ids.length === 0) return licences;
  for (const event of events.of({ kinds: KINDS, about: [ids] })) {
    const id = numberIn(event, "id");
    const { suspendedUntil = 0, ...before } = licences.get(id) ?? { roles: [], until: 0 };
    switch (event.eventName) {
      case "Licensed":
        licences.set(id, {
          roles: rolesOf(numberIn(event, "roles")),
          until: numberIn(event, "until"),
          suspendedUntil,
        });
        break;
      case "Suspended":
        licences.set(id, { ...before, suspendedUntil: numberIn(event, "until") });
        break;
      case "SuspensionConfirmed":
        licences.set(id, { ...before, suspendedUntil: FOR_GOOD });
        break;
      case "Reinstated":
        licences.set(id, { ...before, suspendedUntil: 0 });
    }
  }
  return licences;
}

/** Whether a licence lasts at a time, for a role where one is named. */
export const licenceLasts = (licence: Licence | undefined, time: number, role?: Role): boolean =>
  licence !== undefined &&
  time < licence.until &&
  time >= licence.suspendedUntil &&
  (role === undefined || licence.roles.includes(role));
