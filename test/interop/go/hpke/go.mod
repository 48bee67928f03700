module chartchain/interop/hpke

go 1.26.0

require chartchain/interop/peer v0.0.0

replace chartchain/interop/peer => ../peer
