package main

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/bits"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	streaming "github.com/tink-crypto/tink-go/v2/proto/aes_gcm_hkdf_streaming_go_proto"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/protobuf/proto"
)

const payloadSuite = "AES256_GCM_HKDF_1MB/PADME"

func openPayload(dek []byte, about manifest, payload []byte) ([]byte, error) {
	reader, err := primitive(dek).NewDecryptingReader(bytes.NewReader(payload), associatedData(about))
	if err != nil {
		return nil, err
	}
	padded, err := io.ReadAll(reader)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(payload)
	if uint64(len(padded)) != padme(about.Size) || uint64(len(payload)) != about.Length || !bytes.Equal(hash[:], about.SHA256) {
		return nil, errMismatch
	}
	content, padding := padded[:about.Size], padded[about.Size:]
	if len(bytes.Trim(padding, "\x00")) != 0 {
		return nil, errMismatch
	}
	return content, nil
}

func sealPayload(dek []byte, about manifest, content []byte) ([]byte, error) {
	var payload bytes.Buffer
	writer, err := primitive(dek).NewEncryptingWriter(&payload, associatedData(about))
	if err != nil {
		return nil, err
	}
	padding := make([]byte, padme(about.Size)-about.Size)
	if _, err := writer.Write(join(content, padding)); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return payload.Bytes(), nil
}

// associatedData is domain, record id, what the record amends (zeros for a first version) and suite.
func associatedData(about manifest) []byte {
	amends := about.Amends
	if len(amends) == 0 {
		amends = make([]byte, 32)
	}
	return join(domain("payload"), about.RecordID, amends, []byte(payloadSuite))
}

// padme is the size that the PURBs paper pads to: the last E-S bits are zero, E = floor(log2 L), S = floor(log2 E) + 1.
func padme(size uint64) uint64 {
	if size < 2 {
		return size
	}
	e := bits.Len64(size) - 1
	s := bits.Len(uint(e))
	mask := uint64(1)<<(e-s) - 1
	return (size + mask) &^ mask
}

// primitive is the template with the given key in it: Tink generates keys itself, and reads foreign ones only as a
// keyset.
func primitive(key []byte) tink.StreamingAEAD {
	template := streamingaead.AES256GCMHKDF1MBKeyTemplate()
	format := &streaming.AesGcmHkdfStreamingKeyFormat{}
	if err := proto.Unmarshal(template.GetValue(), format); err != nil {
		panic(err)
	}
	value := must(proto.Marshal(&streaming.AesGcmHkdfStreamingKey{KeyValue: key, Params: format.GetParams()}))
	data := &tinkpb.KeyData{TypeUrl: template.GetTypeUrl(), Value: value, KeyMaterialType: tinkpb.KeyData_SYMMETRIC}
	handle := insecurecleartextkeyset.KeysetHandle(&tinkpb.Keyset{
		PrimaryKeyId: 1,
		Key: []*tinkpb.Keyset_Key{{
			KeyId:            1,
			Status:           tinkpb.KeyStatusType_ENABLED,
			OutputPrefixType: tinkpb.OutputPrefixType_RAW,
			KeyData:          data,
		}},
	})
	return must(streamingaead.New(handle))
}
