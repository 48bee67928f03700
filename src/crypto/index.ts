export { payloadAssociatedData } from "./associated-data.js";
export type { PayloadBinding } from "./associated-data.js";
export { BATCH_SIZES, Batch, batchDigest, decodeBatchProof, encodeBatchProof, verifyInBatch } from "./batch.js";
export type { BatchHeader, BatchProof } from "./batch.js";
export { BOX_OVERHEAD, openBox, sealBox } from "./box.js";
export { concatBytes, wipe } from "./bytes.js";
export { createCompartmentKey, decodeCompartmentKey, encodeCompartmentKey } from "./compartment.js";
export type { CompartmentKey, CompartmentScope } from "./compartment.js";
export { constraintDigest, createConstraint, decodeConstraint, encodeConstraint } from "./constraint.js";
export type { Constraint } from "./constraint.js";
export { decodeEnvelope, encodeEnvelope, openEnvelope, resealEnvelope, sealEnvelope } from "./envelope.js";
export type { Envelope, EnvelopeContent } from "./envelope.js";
export { openSealed, sealTo } from "./hpke-seal.js";
export { HPKE_SUITE, PUBLIC_KEY_LENGTH } from "./hpke-suite.js";
export { SEED_LENGTH, deriveKeyPair, generateSeed } from "./identity.js";
export type { IdentityKeyPair } from "./identity.js";
export { keyCommitment } from "./key-commitment.js";
export { decodeKeyDocument, encodeKeyDocument, keyDocumentDigest } from "./key-document.js";
export type { KeyDocument } from "./key-document.js";
export { decodeKeyWrap, encodeKeyWrap, keyWrapDigest, unwrapCompartmentKey, wrapCompartmentKey } from "./key-wrap.js";
export type { KeyWrap, WrapCompartmentKeyOptions } from "./key-wrap.js";
export {
  PAYLOAD_SUITE,
  createManifest,
  decodeManifest,
  encodeManifest,
  manifestDigest,
  retractionDigest,
  sealedLength,
} from "./manifest.js";
export type { Manifest, ManifestInput } from "./manifest.js";
export { MerkleLog, consistencyProof, inclusionProof, rootOf } from "./merkle-log.js";
export { emptyRoot, leafHash, nodeHash, verifyConsistency, verifyInclusion } from "./merkle-proof.js";
export type { ConsistencyClaim, InclusionClaim } from "./merkle-proof.js";
export { openRange } from "./open-range.js";
export type { OpenRangeOptions, ReadRange } from "./open-range.js";
export { FULL_PACK, WHOLE_PACK, checked, intoPacks, packRecords, packSize } from "./pack.js";
export type { Pack, PackPlace, PackedStream } from "./pack.js";
export { padStream, padmeSize, unpadStream } from "./padding.js";
export { equalBytes, hkdfSha256, hmacSha256, platform, randomBytes, randomInt, sha256 } from "./platform.js";
export type { RunningHash } from "./primitives.js";
export { decodeKind, encodeKind, kindOf, nameOfKind } from "./record-kind.js";
export type { RecordKind } from "./record-kind.js";
export { openRecordRange, openRecordStream, sealRecord } from "./record.js";
export type { OpenRecordOptions, SealRecordOptions, SealedRecord } from "./record.js";
export { lockSecret, unlockSecret } from "./secret-lock.js";
export type { LockOptions } from "./secret-lock.js";
export type { StreamKey } from "./segment-cipher.js";
export { SEGMENT_SIZE, ciphertextSize, plaintextSize } from "./segment-layout.js";
export type { ByteStream } from "./segments.js";
export { SALT_LENGTH, saltedDigest } from "./salted-digest.js";
export { shuffled } from "./shuffled.js";
export { openStream, sealStream } from "./streaming-aead.js";
export { DATA_USE_CODE, encodeStudyTerms, studyDeliveryDigest, studyTermsDigest } from "./study.js";
export type { StudyDelivery, StudyTerms } from "./study.js";
