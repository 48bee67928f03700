module chartchain/interop/record

go 1.26.0

require (
	chartchain/interop/peer v0.0.0
	github.com/fxamacker/cbor/v2 v2.9.6
	github.com/tink-crypto/tink-go/v2 v2.9.0
	google.golang.org/protobuf v1.36.11
)

require (
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/crypto v0.53.0 // indirect
	golang.org/x/sys v0.46.0 // indirect
)

replace chartchain/interop/peer => ../peer
