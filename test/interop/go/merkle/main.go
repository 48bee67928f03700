// Command merkle builds and checks Merkle trees with the library of Certificate Transparency's logs.
package main

import (
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"

	"chartchain/interop/peer"
)

var hasher = rfc6962.DefaultHasher

type claim struct {
	// Kind is "inclusion" or "consistency".
	Kind                  string
	Entry                 []byte
	Index, Size           uint64
	First, Second         uint64
	Root                  []byte
	FirstRoot, SecondRoot []byte
	Proof                 [][]byte
}

// tree holds the leaves of the last "build".
var tree = testonly.New(hasher)

func main() {
	peer.Serve(map[string]peer.Operation{
		"build":       peer.Op(build),
		"root":        peer.Op(root),
		"inclusion":   peer.Op(inclusion),
		"consistency": peer.Op(consistency),
		"all":         peer.Op(all),
		"verify":      peer.Op(verify),
		"rootOver":    peer.Op(rootOver),
	})
}

func build(b struct{ Leaves [][]byte }) (uint64, error) {
	tree = testonly.New(hasher)
	tree.AppendData(b.Leaves...)
	return tree.Size(), nil
}

func root(c claim) ([]byte, error) { return tree.HashAt(c.Size), nil }

func inclusion(c claim) ([][]byte, error) { return tree.InclusionProof(c.Index, c.Size) }

func consistency(c claim) ([][]byte, error) { return tree.ConsistencyProof(c.First, c.Second) }

type everything struct {
	Root        []byte     `json:"root"`
	Inclusion   [][][]byte `json:"inclusion"`
	Consistency [][][]byte `json:"consistency"`
}

// all gives the root of the first so many leaves, the inclusion proof of each of them, and the consistency proof from
// each smaller size, 0 and itself included.
func all(c claim) (everything, error) {
	result := everything{Root: tree.HashAt(c.Size), Inclusion: [][][]byte{}, Consistency: [][][]byte{}}
	for index := uint64(0); index < c.Size; index++ {
		path, err := tree.InclusionProof(index, c.Size)
		if err != nil {
			return everything{}, err
		}
		result.Inclusion = append(result.Inclusion, path)
	}
	for first := uint64(0); first <= c.Size; first++ {
		path, err := tree.ConsistencyProof(first, c.Size)
		if err != nil {
			return everything{}, err
		}
		result.Consistency = append(result.Consistency, path)
	}
	return result, nil
}

// verify gives true for each claim that the library accepts.
func verify(c struct{ Claims []claim }) ([]bool, error) {
	verdicts := make([]bool, len(c.Claims))
	for i, claim := range c.Claims {
		var err error
		if claim.Kind == "inclusion" {
			leaf := hasher.HashLeaf(claim.Entry)
			err = proof.VerifyInclusion(hasher, claim.Index, claim.Size, leaf, claim.Proof, claim.Root)
		} else {
			err = proof.VerifyConsistency(hasher, claim.First, claim.Second, claim.Proof, claim.FirstRoot, claim.SecondRoot)
		}
		verdicts[i] = err == nil
	}
	return verdicts, nil
}

// rootOver gives the root that a proof leads to, for trees that are too large to build.
func rootOver(c claim) ([]byte, error) {
	return proof.RootFromInclusionProof(hasher, c.Index, c.Size, hasher.HashLeaf(c.Entry), c.Proof)
}
