package main

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

// peerTable holds the peers whose handshake is under way or done.
type peerTable struct {
	mu      sync.Mutex
	pending map[peer.ID]bool
	done    map[peer.ID]network.Direction
}

func newPeerTable() *peerTable {
	return &peerTable{pending: map[peer.ID]bool{}, done: map[peer.ID]network.Direction{}}
}

// begin marks a handshake as under way; false if there is one already.
func (t *peerTable) begin(id peer.ID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending[id] {
		return false
	}
	t.pending[id] = true
	return true
}

func (t *peerTable) end(id peer.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.pending, id)
}

// add tells whether the peer is new in the table.
func (t *peerTable) add(id peer.ID, direction network.Direction) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, known := t.done[id]
	if !known {
		t.done[id] = direction
	}
	return !known
}

// remove tells whether the peer was in the table.
func (t *peerTable) remove(id peer.ID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, known := t.done[id]
	delete(t.done, id)
	return known
}

func (t *peerTable) snapshot() map[peer.ID]network.Direction {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(map[peer.ID]network.Direction, len(t.done))
	for id, direction := range t.done {
		all[id] = direction
	}
	return all
}

// watchConnections runs the handshake on every new connection and removes a peer as soon as
// one of its connections closes, even if it has another (the reference node does the same).
func (n *node) watchConnections(ctx context.Context) {
	n.host.Network().Notify(&network.NotifyBundle{
		ConnectedF: func(_ network.Network, conn network.Conn) {
			if n.peers.begin(conn.RemotePeer()) {
				go n.admit(ctx, conn)
			}
		},
		DisconnectedF: func(_ network.Network, conn network.Conn) {
			if n.peers.remove(conn.RemotePeer()) {
				n.out.event("peerDisconnected", fields{"peer": conn.RemotePeer().String()})
			}
		},
	})
}

// admit says Hello on a new connection; the peer is then either in the table or disconnected.
func (n *node) admit(ctx context.Context, conn network.Conn) {
	id, direction := conn.RemotePeer(), conn.Stat().Direction
	resp, err := n.hello(ctx, id, true)
	n.peers.end(id)
	if err == nil && resp.Chain != n.opts.chainID {
		err = errors.New("invalid chain ID")
	}
	info := fields{"peer": id.String(), "direction": strings.ToLower(direction.String())}
	switch {
	case err != nil:
		_ = n.host.Network().ClosePeer(id)
		n.out.event("peerRejected", fields{"peer": id.String(), "reason": err.Error()})
	case resp.TemporaryDial || n.opts.temporary:
		n.out.event("peerTemporary", info)
	case !n.isOpen(conn):
		n.out.event("peerRejected", fields{"peer": id.String(), "reason": "connection closed"})
	case n.peers.add(id, direction):
		n.out.event("peerConnected", info)
		if !n.isOpen(conn) && n.peers.remove(id) {
			n.out.event("peerDisconnected", fields{"peer": id.String()})
			return
		}
		if status, err := n.status(ctx, id, true); err == nil {
			n.out.event("peerStatus", fields{"peer": id.String(), "number": status})
		}
	}
}

func (n *node) isOpen(conn network.Conn) bool {
	for _, open := range n.host.Network().ConnsToPeer(conn.RemotePeer()) {
		if open == conn {
			return true
		}
	}
	return false
}

func (n *node) listen(addr string) error {
	target, err := multiaddr.NewMultiaddr(addr)
	if err != nil {
		return err
	}
	return n.host.Network().Listen(target)
}

// address is where this node can be dialled.
func (n *node) address() string {
	s, _ := dialString(peer.AddrInfo{ID: n.host.ID(), Addrs: n.host.Addrs()})
	return s
}

// dialString picks the address to hand out: the first one, or if that is of the loopback
// interface and there is another kind, the first of that kind.
func dialString(info peer.AddrInfo) (string, bool) {
	if len(info.Addrs) == 0 {
		return "", false
	}
	pick := info.Addrs[0].String()
	if isLoopback(pick) {
		for _, addr := range info.Addrs[1:] {
			if s := addr.String(); !isLoopback(s) {
				pick = s
				break
			}
		}
	}
	return pick + "/p2p/" + info.ID.String(), true
}

func isLoopback(addr string) bool {
	return strings.HasPrefix(addr, "/ip4/127.") || strings.HasPrefix(addr, "/ip6/::1/")
}
