module chartchain/interop/peer

go 1.24.0
