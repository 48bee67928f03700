package main

import "github.com/fxamacker/cbor/v2"

// The maps, by their CBOR keys. JSON names are those of the test that asks.

type compartment struct {
	Version  uint64 `cbor:"version" json:"-"`
	ID       []byte `cbor:"id"`
	Patient  uint64 `cbor:"patient"`
	Steward  uint64 `cbor:"steward"`
	Kind     []byte `cbor:"kind"`
	Round    uint32 `cbor:"round"`
	Key      []byte `cbor:"key"`
}

type wrapMap struct {
	Version       uint64 `cbor:"version" json:"-"`
	CompartmentID []byte `cbor:"compartmentId"`
	Participant   uint64 `cbor:"participant"`
	KeyVersion    uint32 `cbor:"keyVersion"`
	Enc           []byte `cbor:"enc"`
	Ciphertext    []byte `cbor:"ciphertext"`
}

type envelopeMap struct {
	Version       uint64 `cbor:"version" json:"-"`
	Digest        []byte `cbor:"digest"`
	CompartmentID []byte `cbor:"compartmentId"`
	Box           []byte `cbor:"box"`
}

type envelopeContent struct {
	Version  uint64 `cbor:"version" json:"-"`
	DEK      []byte `cbor:"dek"`
	Manifest []byte `cbor:"manifest"`
	Round    uint32 `cbor:"round"`
	CID      string `cbor:"cid"`
	Offset   uint64 `cbor:"offset"`
	PackSize uint64 `cbor:"packSize"`
	Packing  uint32 `cbor:"packing"`
}

// place is where a sealed record lies.
type place struct {
	CID      string
	Offset   uint64
	PackSize uint64
	Packing  uint32
}

type manifest struct {
	Version       uint64 `cbor:"version"`
	RecordID      []byte `cbor:"recordId"`
	Salt          []byte `cbor:"salt"`
	Patient       uint64 `cbor:"patient"`
	Steward       uint64 `cbor:"steward"`
	Author        uint64 `cbor:"author"`
	Kind          []byte `cbor:"kind"`
	SHA256        []byte `cbor:"sha256"`
	Length        uint64 `cbor:"length"`
	Size          uint64 `cbor:"size"`
	MediaType     string `cbor:"mediaType"`
	CreatedAt     uint64 `cbor:"createdAt"`
	Suite         string `cbor:"suite"`
	KeyCommitment []byte `cbor:"keyCommitment"`
	Amends        []byte `cbor:"amends,omitempty"`
	Disputes      []byte `cbor:"disputes,omitempty"`
}

type keyDocument struct {
	Version   uint64 `cbor:"version"`
	Suite     string `cbor:"suite"`
	PublicKey []byte `cbor:"publicKey"`
	Service   string `cbor:"service,omitempty"`
}

var encoder = must(cbor.CanonicalEncOptions().EncMode())

var decoder = must(cbor.DecOptions{
	DupMapKey:         cbor.DupMapKeyEnforcedAPF,
	IndefLength:       cbor.IndefLengthForbidden,
	TagsMd:            cbor.TagsForbidden,
	ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
}.DecMode())

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
