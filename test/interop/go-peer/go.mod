module edgekeeper.test/go-peer

go 1.21

require (
	github.com/libp2p/go-libp2p v0.32.0
	github.com/libp2p/go-libp2p-pubsub v0.10.0
	github.com/multiformats/go-multiaddr v0.12.0
	google.golang.org/grpc v1.60.1
	google.golang.org/protobuf v1.31.0
)
