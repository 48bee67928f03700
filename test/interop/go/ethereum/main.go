// Command ethereum computes EIP-712 digests and signatures with go-ethereum.
package main

import (
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"

	"chartchain/interop/peer"
)

type asked struct {
	TypedData  apitypes.TypedData
	PrivateKey hexutil.Bytes
}

type signed struct {
	Digest          hexutil.Bytes `json:"digest"`
	DomainSeparator hexutil.Bytes `json:"domainSeparator"`
	TypeHash        hexutil.Bytes `json:"typeHash"`
	EncodedType     string        `json:"encodedType"`
	Signature       hexutil.Bytes `json:"signature"`
}

func main() {
	peer.Serve(map[string]peer.Operation{"sign": peer.Op(sign)})
}

func sign(a asked) (signed, error) {
	digest, _, err := apitypes.TypedDataAndHash(a.TypedData)
	if err != nil {
		return signed{}, err
	}
	separator, err := a.TypedData.HashStruct("EIP712Domain", a.TypedData.Domain.Map())
	if err != nil {
		return signed{}, err
	}
	key, err := crypto.ToECDSA(a.PrivateKey)
	if err != nil {
		return signed{}, peer.Fault(err)
	}
	signature, err := crypto.Sign(digest, key)
	if err != nil {
		return signed{}, err
	}
	// The recovery id as contracts and wallets write it.
	signature[crypto.RecoveryIDOffset] += 27
	return signed{
		Digest:          digest,
		DomainSeparator: separator,
		TypeHash:        a.TypedData.TypeHash(a.TypedData.PrimaryType),
		EncodedType:     string(a.TypedData.EncodeType(a.TypedData.PrimaryType)),
		Signature:       signature,
	}, nil
}
