import { actions } from "../../src/sdk/actions.js";
import { readJoining } from "../../src/sdk/people/accounts.js";
import { readChildAttestation, readComingOfAge } from "../../src/sdk/people/children.js";
import { readGuardians } from "../../src/sdk/people/guardians.js";
import { readSignedAction } from "../../src/sdk/handover/signed-action.js";
import { dataBank } from "../../src/sdk/modules/data-bank/index.js";
import type { FullContext } from "../../src/sdk/modules/index.js";
import { studies } from "../../src/sdk/modules/studies/index.js";
import { parseStudyTerms } from "../../src/sdk/modules/studies/terms-file.js";
import { readChildRequest } from "../../src/cli/files/child-files.js";
import { readIdentityClaim } from "../../src/cli/files/identity-claim.js";

/** What takes a file in; those that go on to ask a chain that isn't there end with that. */
export interface Taker {
  take: (ctx: FullContext, file: unknown, path: string) => unknown;
  /** True where nothing but the file is needed to read it. */
  alone?: true;
}

/** Of each kind of file, what takes it in. A new kind needs a line here, and a fixture. */
export const TAKERS: Record<string, Taker> = {
  "signed-action": { take: (ctx, file) => readSignedAction(ctx, file, 0), alone: true },
  offer: { take: (ctx, offer) => actions.signAcceptOffer(ctx, { offer }) },
  terms: { take: (ctx, file) => actions.takeTerms(ctx, { file }), alone: true },
  "key-document": { take: (ctx, file) => actions.takeKeyDocument(ctx, { file }) },
  grant: { take: (ctx, file) => actions.takeKeys(ctx, { file }) },
  envelopes: { take: (ctx, file) => actions.takeEnvelopes(ctx, { file }) },
  delivery: { take: (ctx, file) => actions.takeDelivery(ctx, { file }) },
  retraction: { take: (ctx, file) => actions.takeRetraction(ctx, { file }) },
  joining: { take: readJoining, alone: true },
  "coming-of-age-request": { take: readComingOfAge, alone: true },
  "child-attestation": { take: readChildAttestation },
  guardians: { take: readGuardians, alone: true },
  "emergency-reason": { take: (ctx, file) => actions.readEmergencyReason(ctx, { file }) },
  constraint: { take: (ctx, file) => actions.takeConstraint(ctx, { file }) },
  "emergency-wish": { take: (ctx, file) => actions.takeEmergencyWish(ctx, { file }) },
  "key-challenge": { take: (ctx, file) => actions.answerKeyChallenge(ctx, { file }), alone: true },
  "key-confirmation": { take: (ctx, file) => actions.acceptKeyConfirmation(ctx, { file }) },
  "deposit-proof": { take: (ctx, file) => dataBank.actions.takeDepositProof(ctx, { file }) },
  "study-terms": { take: parseStudyTerms, alone: true },
  "study-delivery": { take: (ctx, file) => studies.actions.takeStudyDelivery(ctx, { file }) },
  "identity-claim": { take: (_, __, path) => readIdentityClaim(path), alone: true },
  "child-request": { take: (_, __, path) => readChildRequest(path), alone: true },
};
