module chartchain/interop/merkle

go 1.24.0

require (
	chartchain/interop/peer v0.0.0
	github.com/transparency-dev/merkle v0.0.2
)

replace chartchain/interop/peer => ../peer
