package main

import (
	"context"
	"crypto/rand"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/grpc"

	"edgekeeper.test/go-peer/gen"
)

// identityServer answers Hello.
type identityServer struct {
	gen.UnimplementedIdentityServer
	node *node
}

func (n *node) serveIdentity() {
	if n.opts.misbehave == silentHello {
		n.host.SetStreamHandler(identityProtocol, func(network.Stream) {})
		return
	}
	serveProtocol(n.host, identityProtocol, func(s *grpc.Server) {
		gen.RegisterIdentityServer(s, &identityServer{node: n})
	})
}

// Hello checks nothing but the form of the caller's claimed peer ID: it is for the caller to
// judge by the answer whether the two nodes fit.
func (s *identityServer) Hello(_ context.Context, req *gen.Status) (*gen.Status, error) {
	if _, err := peer.Decode(req.Metadata["peerID"]); err != nil {
		return nil, err
	}
	answer := s.node.ownStatus()
	if s.node.opts.misbehave == wrongChain {
		answer.Chain++
	}
	return answer, nil
}

func (n *node) ownStatus() *gen.Status {
	id := n.host.ID()
	if n.opts.misbehave == otherPeerID {
		id = randomPeerID()
	}
	return &gen.Status{
		Metadata:      map[string]string{"peerID": id.String()},
		Chain:         n.opts.chainID,
		TemporaryDial: n.opts.temporary,
	}
}

// hello calls Hello on a fresh stream. The stream of a handshake is kept until the connection
// ends, as the reference node never closes it.
func (n *node) hello(ctx context.Context, to peer.ID, keep bool) (*gen.Status, error) {
	conn, err := openClient(ctx, n.host, to, identityProtocol)
	if err != nil {
		return nil, err
	}
	if !keep {
		defer conn.Close()
	}
	return gen.NewIdentityClient(conn).Hello(ctx, n.ownStatus())
}

func randomPeerID() peer.ID {
	_, public, err := crypto.GenerateSecp256k1Key(rand.Reader)
	if err != nil {
		panic(err)
	}
	id, err := peer.IDFromPublicKey(public)
	if err != nil {
		panic(err)
	}
	return id
}
