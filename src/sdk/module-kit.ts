/** What modules are made with, and what uses a client doesn't need: see docs/guides/modules.md. */
export { asAuthority, type OnWait } from "./chain/as-authority.js";
export { contractKind, type ContractKind, type ContractTable } from "./chain/contracts.js";
export { chainCall } from "./chain/errors.js";
export { eventsAbout, queryEvents } from "./chain/events.js";
export { agreed } from "./chain/nodes.js";
export { send, type Call, type Sent } from "./chain/transactions.js";
export { messageType, type Message, type MessageOf, type MessageType, type Said } from "./chain/typed-data.js";
export { currentTime, ownId, requireSigner, requireStore, requireVault, type Context } from "./context.js";
export { altered, header, is, malformed, parseHandover, type HandoverHeader, type Shape } from "./handover/file.js";
export { callOf, readSignedAction, signAction, type SignedActionFile } from "./handover/signed-action.js";
export {
  attachment,
  authorizationOf,
  signature,
  signedAction,
  signedSubject,
  type Attachment,
  type Authorization,
  type SignedAction,
  type SignedMessage,
  type SignedSubject,
} from "./handover/signed/action.js";
export { defineModule, type DecisionBlocks, type HoldBack, type Module, type ModuleContext } from "./module.js";
export { signatureEpochOf, signedPartOf } from "./people/accounts.js";
export { describeParticipant, verifiedName, type ParticipantInfo } from "./people/participants.js";
export { DEFAULT_SIGNATURE_LIFETIME } from "./people/register.js";
