package main

import (
	"bytes"
	"crypto/hpke"
	"encoding/binary"
)

const encapsulatedLength = 1120

func openWrap(seed, encoded []byte) (compartment, error) {
	var wrap wrapMap
	if err := decoder.Unmarshal(encoded, &wrap); err != nil {
		return compartment{}, err
	}
	recipient := must(hpke.MLKEM768X25519().DeriveKeyPair(seed))
	message := join(wrap.Enc, wrap.Ciphertext)
	plaintext, err := hpke.Open(recipient, hpke.HKDFSHA256(), hpke.AES256GCM(), wrapInfo(wrap), message)
	if err != nil {
		return compartment{}, err
	}
	var key compartment
	if err := decoder.Unmarshal(plaintext, &key); err != nil {
		return compartment{}, err
	}
	if !bytes.Equal(key.ID, wrap.CompartmentID) {
		return compartment{}, errMismatch
	}
	return key, nil
}

func sealWrap(publicKey []byte, participant uint64, keyVersion uint32, key compartment) ([]byte, error) {
	recipient, err := hpke.MLKEM768X25519().NewPublicKey(publicKey)
	if err != nil {
		return nil, err
	}
	wrap := wrapMap{Version: 1, CompartmentID: key.ID, Participant: participant, KeyVersion: keyVersion}
	key.Version = 1
	plaintext := must(encoder.Marshal(key))
	message, err := hpke.Seal(recipient, hpke.HKDFSHA256(), hpke.AES256GCM(), wrapInfo(wrap), plaintext)
	if err != nil {
		return nil, err
	}
	wrap.Enc, wrap.Ciphertext = message[:encapsulatedLength], message[encapsulatedLength:]
	return encoder.Marshal(wrap)
}

func wrapInfo(wrap wrapMap) []byte {
	info := join(domain("compartment-key-wrap"), wrap.CompartmentID)
	info = binary.BigEndian.AppendUint64(info, wrap.Participant)
	return binary.BigEndian.AppendUint32(info, wrap.KeyVersion)
}
