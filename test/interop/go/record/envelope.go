package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

const paddingStep = 1024

func openEnvelope(key compartment, encoded []byte) (about manifest, dek, digest []byte, err error) {
	var envelope envelopeMap
	if err = decoder.Unmarshal(encoded, &envelope); err != nil {
		return
	}
	plaintext, err := envelopeCipher(key, envelope.Digest).Open(nil, nil, envelope.Box, boundTo(envelope))
	if err != nil {
		return
	}
	var content envelopeContent
	// ISO/IEC 7816-4: a mark, then zeros up to full kibibytes.
	if err = decoder.Unmarshal(plaintext[:max(0, bytes.LastIndexByte(plaintext, 0x80))], &content); err != nil {
		return
	}
	if err = decoder.Unmarshal(content.Manifest, &about); err != nil {
		return
	}
	scope := compartment{ID: key.ID, Patient: about.Patient, Steward: about.Steward, Kind: about.Kind}
	scope.Version, scope.Round, scope.Key = key.Version, content.Round, key.Key
	switch {
	case !bytes.Equal(envelope.Digest, labelled("manifest", content.Manifest)),
		!bytes.Equal(about.KeyCommitment, keyCommitment(content.DEK, about.RecordID)),
		!bytes.Equal(must(encoder.Marshal(scope)), must(encoder.Marshal(key))),
		!bytes.Equal(envelope.CompartmentID, key.ID):
		err = errMismatch
	}
	return about, content.DEK, envelope.Digest, err
}

func sealEnvelope(key compartment, about manifest, at place, dek []byte) ([]byte, error) {
	encoded := must(encoder.Marshal(about))
	content := append(must(encoder.Marshal(envelopeContent{
		Version: 1,
		DEK:     dek, Manifest: encoded, Round: key.Round,
		CID: at.CID, Offset: at.Offset, PackSize: at.PackSize, Packing: at.Packing,
	})), 0x80)
	if rest := len(content) % paddingStep; rest != 0 {
		content = append(content, make([]byte, paddingStep-rest)...)
	}
	envelope := envelopeMap{Version: 1, Digest: labelled("manifest", encoded), CompartmentID: key.ID}
	envelope.Box = envelopeCipher(key, envelope.Digest).Seal(nil, nil, content, boundTo(envelope))
	return encoder.Marshal(envelope)
}

// envelopeCipher puts the random nonce in front of what it seals.
func envelopeCipher(key compartment, digest []byte) cipher.AEAD {
	derived := must(hkdf.Key(sha256.New, key.Key, digest, string(domain("envelope")), 32))
	return must(cipher.NewGCMWithRandomNonce(must(aes.NewCipher(derived))))
}

func boundTo(envelope envelopeMap) []byte {
	return join(domain("envelope"), envelope.Digest, envelope.CompartmentID)
}

func keyCommitment(dek, recordID []byte) []byte {
	return must(hkdf.Key(sha256.New, dek, recordID, string(domain("key-commitment")), 32))
}
