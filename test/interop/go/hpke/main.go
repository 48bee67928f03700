// Command hpke seals and opens with Go's own crypto/hpke: MLKEM768-X25519, HKDF-SHA256, AES-256-GCM.
package main

import (
	"crypto/hpke"
	"encoding/binary"

	"chartchain/interop/peer"
)

// wrap is what a key wrap's info binds, put together here a second time from its published layout.
type wrap struct {
	CompartmentID []byte
	Participant   uint64
	KeyVersion    uint32
}

type message struct {
	// Seed is the recipient's; PublicKey is enough to seal.
	Seed      []byte
	PublicKey []byte
	Info      []byte
	// Wrap takes the place of Info when it is given.
	Wrap *wrap
	Data []byte
}

func main() {
	peer.Serve(map[string]peer.Operation{
		"publicKey": peer.Op(publicKey),
		"seal":      peer.Op(seal),
		"open":      peer.Op(open),
	})
}

func publicKey(m message) ([]byte, error) {
	key, err := hpke.MLKEM768X25519().DeriveKeyPair(m.Seed)
	if err != nil {
		return nil, err
	}
	return key.PublicKey().Bytes(), nil
}

func seal(m message) ([]byte, error) {
	key, err := hpke.MLKEM768X25519().NewPublicKey(m.PublicKey)
	if err != nil {
		return nil, err
	}
	return hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), m.info(), m.Data)
}

func open(m message) ([]byte, error) {
	key, err := hpke.MLKEM768X25519().DeriveKeyPair(m.Seed)
	if err != nil {
		return nil, peer.Fault(err)
	}
	return hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), m.info(), m.Data)
}

func (m message) info() []byte {
	if m.Wrap == nil {
		return m.Info
	}
	info := append([]byte("ChartChain/compartment-key-wrap/v1\x00"), m.Wrap.CompartmentID...)
	info = binary.BigEndian.AppendUint64(info, m.Wrap.Participant)
	return binary.BigEndian.AppendUint32(info, m.Wrap.KeyVersion)
}
