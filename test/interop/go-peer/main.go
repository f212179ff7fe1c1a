// Command go-peer behaves as a Polygon Edge Go node does on the wire: identity handshake,
// discovery, block sync and status gossip over go-libp2p and gRPC. The interop tests and the
// wire benchmark drive it with JSON lines on stdin and stdout; README.md has the commands.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

// node holds all parts of the program.
type node struct {
	opts   *options
	host   host.Host
	chain  *chain
	peers  *peerTable
	gossip *gossip
	out    *output
}

func main() {
	opts, err := parseOptions()
	if err == nil {
		err = run(opts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-peer:", err)
		os.Exit(1)
	}
}

func run(opts *options) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n, err := newNode(ctx, opts)
	if err != nil {
		return err
	}
	defer n.host.Close()
	n.out.event("ready", fields{"peerId": n.host.ID().String(), "addr": n.address()})
	for _, addr := range opts.bootnodes {
		go func(addr string) {
			if _, err := n.dial(ctx, addr); err != nil {
				fmt.Fprintf(os.Stderr, "go-peer: bootnode %s: %v\n", addr, err)
			}
		}(addr)
	}
	return n.control(ctx, os.Stdin)
}

func newNode(ctx context.Context, opts *options) (*node, error) {
	n := &node{opts: opts, out: newOutput(os.Stdout)}
	var err error
	if n.chain, err = newChain(opts); err != nil {
		return nil, err
	}
	key, err := opts.identityKey()
	if err != nil {
		return nil, err
	}
	n.host, err = libp2p.New(append(versionOptions,
		libp2p.Identity(key),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer("/yamux/1.0.0", yamux.DefaultTransport),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.NoListenAddrs,
		libp2p.EnableRelay(),
		libp2p.UserAgent(opts.agent),
	)...)
	if err != nil {
		return nil, err
	}
	n.peers = newPeerTable()
	n.serveIdentity()
	n.serveDiscovery()
	n.serveSyncer()
	if n.gossip, err = newGossip(ctx, n); err != nil {
		return nil, err
	}
	n.watchConnections(ctx)
	return n, n.listen(opts.listen)
}

// dial connects to an address that ends in /p2p/<peer id>.
func (n *node) dial(ctx context.Context, addr string) (peer.ID, error) {
	info, err := peer.AddrInfoFromString(addr)
	if err != nil {
		return "", err
	}
	return info.ID, n.host.Connect(ctx, *info)
}
