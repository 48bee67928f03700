// Command cbor reads and writes CBOR maps in the canonical form that DAG-CBOR prescribes: keys sorted by length, then
// by bytes; shortest integers; no indefinite lengths; no tags; each key once.
package main

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/fxamacker/cbor/v2"

	"chartchain/interop/peer"
)

// scalar is a value whose type JSON would lose: exactly one of the fields is given.
type scalar struct {
	Int   *string `json:"int,omitempty"`
	Bytes *string `json:"bytes,omitempty"`
	Text  *string `json:"text,omitempty"`
}

type decoded struct {
	Values    map[string]scalar `json:"values"`
	Reencoded []byte            `json:"reencoded"`
}

var encoder = must(cbor.CanonicalEncOptions().EncMode())

var decoder = must(cbor.DecOptions{
	DupMapKey:   cbor.DupMapKeyEnforcedAPF,
	IndefLength: cbor.IndefLengthForbidden,
	TagsMd:      cbor.TagsForbidden,
	UTF8:        cbor.UTF8RejectInvalid,
}.DecMode())

func main() {
	peer.Serve(map[string]peer.Operation{"decode": peer.Op(decode), "encode": peer.Op(encode)})
}

func decode(d struct{ Data []byte }) (decoded, error) {
	var values map[string]any
	if err := decoder.Unmarshal(d.Data, &values); err != nil {
		return decoded{}, err
	}
	result := decoded{Values: map[string]scalar{}}
	for name, value := range values {
		var told scalar
		switch value := value.(type) {
		case uint64:
			told.Int = pointer(strconv.FormatUint(value, 10))
		case int64:
			told.Int = pointer(strconv.FormatInt(value, 10))
		case []byte:
			told.Bytes = pointer(base64.StdEncoding.EncodeToString(value))
		case string:
			told.Text = &value
		default:
			return decoded{}, fmt.Errorf("%q holds a %T, which no map of this network does", name, value)
		}
		result.Values[name] = told
	}
	reencoded, err := encoder.Marshal(values)
	result.Reencoded = reencoded
	return result, err
}

func encode(e struct{ Values map[string]scalar }) ([]byte, error) {
	values := map[string]any{}
	for name, told := range e.Values {
		switch {
		case told.Int != nil:
			value, err := strconv.ParseUint(*told.Int, 10, 64)
			if err != nil {
				return nil, peer.Fault(err)
			}
			values[name] = value
		case told.Bytes != nil:
			value, err := base64.StdEncoding.DecodeString(*told.Bytes)
			if err != nil {
				return nil, peer.Fault(err)
			}
			values[name] = value
		default:
			values[name] = *told.Text
		}
	}
	return encoder.Marshal(values)
}

func pointer[T any](value T) *T { return &value }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
