package main

import (
	"context"
	"errors"
	"regexp"

	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/grpc"

	"edgekeeper.test/go-peer/gen"
)

var keyPattern = regexp.MustCompile("^[A-Za-z0-9]+$")

// discoveryServer answers FindPeers.
type discoveryServer struct {
	gen.UnimplementedDiscoveryServer
	node *node
}

func (n *node) serveDiscovery() {
	serveProtocol(n.host, discoveryProtocol, func(s *grpc.Server) {
		gen.RegisterDiscoveryServer(s, &discoveryServer{node: n})
	})
}

// FindPeers hands out the peers of the table and the addresses given by flags, the caller
// excluded. There is no routing table behind it, so the key does not matter.
func (s *discoveryServer) FindPeers(ctx context.Context, req *gen.FindPeersReq) (*gen.FindPeersResp, error) {
	if req.Key != "" && !keyPattern.MatchString(req.Key) {
		return nil, errors.New(`request validation failed: invalid FindPeersReq.Key: ` +
			`value does not match regex pattern "^[A-Za-z0-9]{1,}$"`)
	}
	if req.Count <= 0 || req.Count >= 17 {
		return nil, errors.New("request validation failed: invalid FindPeersReq.Count: value must be inside range (0, 17)")
	}
	if s.node.opts.misbehave == findPeersJunk {
		return &gen.FindPeersResp{Nodes: junkNodes()}, nil
	}
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	return &gen.FindPeersResp{Nodes: s.node.knownNodes(caller, int(req.Count))}, nil
}

func (n *node) knownNodes(caller peer.ID, count int) []string {
	seen := map[peer.ID]bool{caller: true, n.host.ID(): true}
	var nodes []string
	put := func(info peer.AddrInfo) {
		addr, ok := dialString(info)
		if ok && !seen[info.ID] && len(nodes) < count {
			seen[info.ID] = true
			nodes = append(nodes, addr)
		}
	}
	for id := range n.peers.snapshot() {
		put(n.host.Peerstore().PeerInfo(id))
	}
	for _, flag := range []list{n.opts.known, n.opts.bootnodes} {
		for _, addr := range flag {
			if info, err := peer.AddrInfoFromString(addr); err == nil {
				put(*info)
			}
		}
	}
	return nodes
}

// findPeers calls FindPeers on a fresh stream.
func (n *node) findPeers(ctx context.Context, to peer.ID, key string, count int64) ([]string, error) {
	conn, err := openClient(ctx, n.host, to, discoveryProtocol)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	resp, err := gen.NewDiscoveryClient(conn).FindPeers(ctx, &gen.FindPeersReq{Key: key, Count: count})
	if err != nil {
		return nil, err
	}
	return resp.Nodes, nil
}
