// Command tink seals and opens streams with Tink's streaming AEAD, template AES256_GCM_HKDF_1MB.
package main

import (
	"bytes"
	"io"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	streaming "github.com/tink-crypto/tink-go/v2/proto/aes_gcm_hkdf_streaming_go_proto"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/protobuf/proto"

	"chartchain/interop/peer"
)

// payload is what a record's associated data binds, put together here a second time from its published layout.
type payload struct {
	RecordID []byte
	Amends   []byte
}

type stream struct {
	Key            []byte
	AssociatedData []byte
	// Record takes the place of AssociatedData when it is given.
	Record *payload
	Data   []byte
}

func main() {
	peer.Serve(map[string]peer.Operation{"seal": peer.Op(seal), "open": peer.Op(open), "template": peer.Op(template)})
}

func seal(s stream) ([]byte, error) {
	var sealed bytes.Buffer
	writer, err := primitive(s.Key).NewEncryptingWriter(&sealed, s.associatedData())
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(s.Data); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

func open(s stream) ([]byte, error) {
	reader, err := primitive(s.Key).NewDecryptingReader(bytes.NewReader(s.Data), s.associatedData())
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

// template gives Tink's own numbers for the template, so that a later Tink that changes them does not go unnoticed.
func template(struct{}) (map[string]any, error) {
	format := templateFormat()
	return map[string]any{
		"keySize":               format.GetKeySize(),
		"derivedKeySize":        format.GetParams().GetDerivedKeySize(),
		"ciphertextSegmentSize": format.GetParams().GetCiphertextSegmentSize(),
		"hash":                  format.GetParams().GetHkdfHashType().String(),
	}, nil
}

func (s stream) associatedData() []byte {
	if s.Record == nil {
		return s.AssociatedData
	}
	amends := s.Record.Amends
	if len(amends) == 0 {
		amends = make([]byte, 32)
	}
	data := append([]byte("ChartChain/payload/v1\x00"), s.Record.RecordID...)
	data = append(data, amends...)
	return append(data, "AES256_GCM_HKDF_1MB/PADME"...)
}

// primitive is the template with the given key in it: Tink generates keys itself, and reads foreign ones only as a
// keyset.
func primitive(key []byte) tink.StreamingAEAD {
	value := must(proto.Marshal(&streaming.AesGcmHkdfStreamingKey{KeyValue: key, Params: templateFormat().GetParams()}))
	handle := insecurecleartextkeyset.KeysetHandle(&tinkpb.Keyset{
		PrimaryKeyId: 1,
		Key: []*tinkpb.Keyset_Key{{
			KeyId:            1,
			Status:           tinkpb.KeyStatusType_ENABLED,
			OutputPrefixType: tinkpb.OutputPrefixType_RAW,
			KeyData: &tinkpb.KeyData{
				TypeUrl:         streamingaead.AES256GCMHKDF1MBKeyTemplate().GetTypeUrl(),
				Value:           value,
				KeyMaterialType: tinkpb.KeyData_SYMMETRIC,
			},
		}},
	})
	return must(streamingaead.New(handle))
}

func templateFormat() *streaming.AesGcmHkdfStreamingKeyFormat {
	format := &streaming.AesGcmHkdfStreamingKeyFormat{}
	if err := proto.Unmarshal(streamingaead.AES256GCMHKDF1MBKeyTemplate().GetValue(), format); err != nil {
		panic(err)
	}
	return format
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
