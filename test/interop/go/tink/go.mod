module chartchain/interop/tink

go 1.25.0

require (
	chartchain/interop/peer v0.0.0
	github.com/tink-crypto/tink-go/v2 v2.9.0
	google.golang.org/protobuf v1.36.11
)

require (
	golang.org/x/crypto v0.53.0 // indirect
	golang.org/x/sys v0.46.0 // indirect
)

replace chartchain/interop/peer => ../peer
