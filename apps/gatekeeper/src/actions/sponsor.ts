import { createHash, randomBytes } from "node:crypto";

import type { Client } from "chartchain";
import { isChartChainError } from "chartchain/errors";
import type { Database } from "chartchain/sqlite";
import type { Vault } from "chartchain/vault";

import { Refusal } from "../http/outcome.js";
import { type ActionBook, idOf, type ReceivedAction } from "./book.js";
import type { Revocations } from "./revocations.js";

/** What a sponsor pays for. */
export interface Budget {
  /** Units of gas, at the most, of one action. */
  gasPerAction: number;
  /** Of one participant within a day. */
  actionsPerDay: number;
  gasPerDay: number;
}

/** What a sponsor works with. */
export interface SponsorOptions {
  client: Client;
  vault: Vault;
  book: ActionBook;
  journal: Database;
  revocations: Revocations;
  institution: number;
  budget: Budget;
  onWaiting: () => void;
  /** Seconds since 1970. */
  clock: () => number;
}

/** What a patient does, and who acts in its place. Nothing that an institution or the authority does at its own cost. */
const SPONSORED: readonly string[] = [
  ...["registerPatient", "linkIdentity", "registerChild", "comeOfAge"],
  ...[
    "addAccount",
    "retireAccount",
    "keepAccount",
    "changeKey",
    "changeKeyOfChild",
    "cancelKeyChange",
    "cancelSignatures",
  ],
  ...[
    "revokeAll",
    "revokeGrant",
    "revokeViewer",
    "grantAccess",
    "grantConstrained",
    "changeConsents",
    "reviewEmergency",
  ],
  ...["approveRelationship", "acceptOffer", "declineRelationship", "endRelationship", "suspendRelationship"],
  ...["resumeRelationship", "blockProvider", "unblockProvider", "changeSettings", "appointDelegate", "dismissDelegate"],
  ...["setGuardians", "startRecovery", "approveRecovery", "vetoRecovery", "executeRecovery"],
];

/** What counts here at once as well: see {@link Revocations}. */
const REVOKING: readonly string[] = ["revokeAll", "revokeGrant", "revokeViewer", "dismissDelegate"];

/** What nobody is refused for want of a budget: it only takes away. */
const REDUCING: readonly string[] = [...REVOKING, "cancelSignatures", "vetoRecovery"];

const INVITED_FOR = 7 * 86_400;

/** Sends, and pays for, what this institution's patients signed, within bounds. */
export class Sponsor {
  readonly #with: SponsorOptions;

  constructor(options: SponsorOptions) {
    this.#with = options;
  }

  /** An invitation for somebody who isn't a patient here yet: good for one action, for a week. */
  invite(): { invitation: string; expires: number } {
    const { journal, clock } = this.#with;
    const invitation = randomBytes(24).toString("base64url");
    const expires = clock() + INVITED_FOR;
    journal.transaction(() => {
      journal.run("DELETE FROM invitations WHERE expires <= ?", clock());
      journal.run("INSERT INTO invitations VALUES (?, ?)", hashOf(invitation), expires);
    });
    return { invitation, expires };
  }

  /**
   * Receives an action to send: when this returns, it is kept, and is sent.
   *
   * @param invitation of who is no patient here yet
   * @throws Refusal for what isn't sponsored; what `tryRelay` throws for what the contract wouldn't take, which counts against its signer
   */
  async receive(file: unknown, invitation: string | undefined): Promise<ReceivedAction> {
    const { client, book, journal, revocations, budget, onWaiting, clock } = this.#with;
    const id = idOf(file);
    const known = book.find(id);
    if (known !== undefined && known.state !== "failed") return known;
    const { action, account, says } = await client.describeSignedAction({ file });
    if (!SPONSORED.includes(action)) throw new Refusal(403, "forbidden", `${action} isn't paid for here.`);
    const signer = Number(await client.contracts.Registrar.participantOf(account));
    const isReducing = REDUCING.includes(action);
    const spent = book.spent(signer, clock(), REDUCING);
    if (!isReducing && signer !== 0 && (spent.actions >= budget.actionsPerDay || spent.gas >= budget.gasPerDay))
      throw new Refusal(429, "throttled", "The budget of this day is used up. Go on tomorrow, or pay yourself.");
    const about = aboutIn(file);
    const isInvited = !(await this.#isOwn(about));
    if (isInvited && !this.#isGood(invitation))
      throw new Refusal(403, "forbidden", "This is for the institution's own patients, or by its invitation.");
    if (REVOKING.includes(action)) return revocations.receive(file);
    const noted = {
      ...{ id, handed: "relay" as const, action, signer, says, file },
      ...{ patient: about.patient ?? 0, viewers: [], received: clock(), until: 0 },
    };
    try {
      const { gas = 0 } = await client.tryRelay({ file });
      if (gas > budget.gasPerAction)
        throw new Refusal(403, "too-costly", `It takes ${gas} units of gas, and ${budget.gasPerAction} are paid for.`);
    } catch (error) {
      if (isChartChainError(error) && !UNANSWERED.includes(error.code)) {
        book.receive({ ...noted, state: "failed" });
        book.settle(id, { state: "failed", code: error.code });
      }
      throw error;
    }
    if (isInvited) journal.run("DELETE FROM invitations WHERE code = ?", hashOf(invitation!));
    book.receive({ ...noted, state: "waiting" });
    if (known !== undefined) book.settle(id, { state: "waiting" });
    onWaiting();
    return book.find(id)!;
  }

  /** Whether it is about a patient of this institution's, or about becoming one. */
  async #isOwn({ patient, provider }: About): Promise<boolean> {
    const { client, vault, institution } = this.#with;
    if (provider === institution) return true;
    if (patient === undefined) return false;
    if (vault.envelopes.list({ patient, limit: 1 }).length > 0) return true;
    const { status } = await client.contracts.PatientProviderRelationships.relationship(patient, institution);
    return status !== 0n;
  }

  #isGood(invitation: string | undefined): boolean {
    const { journal, clock } = this.#with;
    if (invitation === undefined) return false;
    const found = journal.get("SELECT 1 FROM invitations WHERE code = ? AND expires > ?", hashOf(invitation), clock());
    return found !== undefined;
  }
}

interface About {
  patient: number | undefined;
  provider: unknown;
}

/** The file was checked. */
function aboutIn(file: unknown): About {
  const { patient, participant, child, provider } = (file as { message: Record<string, unknown> }).message;
  const about = [patient, participant, child].find((each): each is number => typeof each === "number");
  return { patient: about, provider };
}

const UNANSWERED: readonly string[] = ["CHAIN_UNREACHABLE", "RATE_LIMITED"];

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();
