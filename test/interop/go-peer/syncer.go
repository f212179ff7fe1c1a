package main

import (
	"context"
	"errors"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"edgekeeper.test/go-peer/gen"
)

const statusTimeout = 10 * time.Second

// syncServer answers GetStatus and GetBlocks.
type syncServer struct {
	gen.UnimplementedSyncPeerServer
	node *node
}

func (n *node) serveSyncer() {
	serveProtocol(n.host, syncerProtocol, func(s *grpc.Server) {
		gen.RegisterSyncPeerServer(s, &syncServer{node: n})
	})
}

// claimedHead is the height told to others.
func (n *node) claimedHead() uint64 {
	if n.opts.misbehave == claimHeight {
		return 1 << 63
	}
	return n.chain.head.Load()
}

func (s *syncServer) GetStatus(context.Context, *emptypb.Empty) (*gen.SyncPeerStatus, error) {
	return &gen.SyncPeerStatus{Number: s.node.claimedHead()}, nil
}

// GetBlocks sends the blocks from a height to the head, which is looked up anew for each.
func (s *syncServer) GetBlocks(req *gen.GetBlocksRequest, stream gen.SyncPeer_GetBlocksServer) error {
	if s.node.opts.misbehave != "" {
		return s.node.sendBadBlocks(req.From, stream)
	}
	chain := s.node.chain
	for number := req.From; number <= chain.head.Load(); number++ {
		block, ok := chain.block(number)
		if !ok {
			return errors.New("block not found")
		}
		if err := stream.Send(&gen.Block{Block: block}); err != nil {
			return nil
		}
	}
	return nil
}

// status calls GetStatus on a fresh stream; the one opened after a handshake stays open, as the
// reference node leaves it.
func (n *node) status(ctx context.Context, of peer.ID, keep bool) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	conn, err := openClient(ctx, n.host, of, syncerProtocol)
	if err != nil {
		return 0, err
	}
	if !keep {
		defer conn.Close()
	}
	status, err := gen.NewSyncPeerClient(conn).GetStatus(ctx, &emptypb.Empty{})
	if err != nil {
		return 0, err
	}
	return status.Number, nil
}
