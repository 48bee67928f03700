module chartchain/interop/cbor

go 1.24.0

require (
	chartchain/interop/peer v0.0.0
	github.com/fxamacker/cbor/v2 v2.9.6
)

require github.com/x448/float16 v0.8.4 // indirect

replace chartchain/interop/peer => ../peer
