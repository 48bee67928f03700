// Command record is a second reader and writer of records, made from the published formats alone, over Go's own
// cryptography, Tink and fxamacker's CBOR: key wrap, envelope, manifest and payload.
package main

import (
	"crypto/sha256"
	"errors"

	"chartchain/interop/peer"
)

// sealed is a record as it travels: what one participant needs, and the seed of its key.
type sealed struct {
	Seed     []byte `json:"seed,omitempty"`
	Wrap     []byte `json:"wrap"`
	Envelope []byte `json:"envelope"`
	Payload  []byte `json:"payload"`
}

type opened struct {
	Content        []byte `json:"content"`
	ManifestDigest []byte `json:"manifestDigest"`
	WrapDigest     []byte `json:"wrapDigest"`
}

// unsealed is what a record is made of. The manifest comes without what follows from the rest.
type unsealed struct {
	PublicKey   []byte
	Participant uint64
	KeyVersion  uint32
	Compartment compartment
	Manifest    manifest
	Place       place
	DEK         []byte
	Content     []byte
}

func main() {
	peer.Serve(map[string]peer.Operation{
		"open": peer.Op(open), "seal": peer.Op(seal), "describeKey": peer.Op(describeKey),
	})
}

type described struct {
	Document []byte `json:"document"`
	Digest   []byte `json:"digest"`
}

// describeKey writes a key document, and what stands on chain about it.
func describeKey(d keyDocument) (described, error) {
	document, err := encoder.Marshal(d)
	return described{Document: document, Digest: labelled("key-document", document)}, err
}

func open(s sealed) (opened, error) {
	key, err := openWrap(s.Seed, s.Wrap)
	if err != nil {
		return opened{}, err
	}
	about, dek, digest, err := openEnvelope(key, s.Envelope)
	if err != nil {
		return opened{}, err
	}
	content, err := openPayload(dek, about, s.Payload)
	if err != nil {
		return opened{}, err
	}
	return opened{Content: content, ManifestDigest: digest, WrapDigest: labelled("key-wrap-digest", s.Wrap)}, nil
}

func seal(u unsealed) (sealed, error) {
	about := u.Manifest
	about.Version = 1
	about.Suite = payloadSuite
	about.Size = uint64(len(u.Content))
	about.KeyCommitment = keyCommitment(u.DEK, about.RecordID)
	payload, err := sealPayload(u.DEK, about, u.Content)
	if err != nil {
		return sealed{}, err
	}
	hash := sha256.Sum256(payload)
	about.SHA256, about.Length = hash[:], uint64(len(payload))
	envelope, err := sealEnvelope(u.Compartment, about, u.Place, u.DEK)
	if err != nil {
		return sealed{}, err
	}
	wrap, err := sealWrap(u.PublicKey, u.Participant, u.KeyVersion, u.Compartment)
	return sealed{Wrap: wrap, Envelope: envelope, Payload: payload}, err
}

// domain keeps one use of a hash or key apart from every other.
func domain(label string) []byte { return []byte("ChartChain/" + label + "/v1\x00") }

func labelled(label string, data []byte) []byte {
	digest := sha256.Sum256(append(domain(label), data...))
	return digest[:]
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

var errMismatch = errors.New("the parts do not belong together")
