package main

import (
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"time"

	"edgekeeper.test/go-peer/gen"
)

// The --misbehave modes.
const (
	silentHello   = "silent-hello"    // accepts /id/0.1 streams and never answers
	wrongChain    = "wrong-chain"     // answers Hello with the next chain ID
	otherPeerID   = "other-peer-id"   // claims a random peer ID in Hello
	stallBlocks   = "stall-blocks"    // goes quiet after three blocks
	badBlock      = "bad-block"       // changes a byte of a transaction or of the state root
	junkBlock     = "junk-block"      // sends random bytes as a block
	gapBlocks     = "gap-blocks"      // leaves out a block
	claimHeight   = "claim-height"    // claims height 2^63
	bigBlock      = "big-block"       // sends a block of 5 MiB
	findPeersJunk = "find-peers-junk" // answers FindPeers with 500 bad entries
	closeMid      = "close-mid"       // closes the connection in the middle of GetBlocks
)

var misbehaviours = []string{
	silentHello, wrongChain, otherPeerID, stallBlocks, badBlock, junkBlock, gapBlocks,
	claimHeight, bigBlock, findPeersJunk, closeMid,
}

func isMisbehaviour(mode string) bool {
	for _, known := range misbehaviours {
		if mode == known {
			return true
		}
	}
	return false
}

// sendBadBlocks is GetBlocks with the mischief of the chosen mode, which strikes at the
// n-th block sent, n being --misbehave-at.
func (n *node) sendBadBlocks(from uint64, stream gen.SyncPeer_GetBlocksServer) error {
	sent := 0
	for number := from; number <= n.chain.head.Load(); number++ {
		block, ok := n.chain.block(number)
		if !ok {
			return errors.New("block not found")
		}
		if n.opts.misbehave == stallBlocks && sent == 3 {
			<-stream.Context().Done()
			return nil
		}
		sent++
		if sent == n.opts.misbehaveAt {
			switch n.opts.misbehave {
			case badBlock:
				block = corrupt(block)
			case junkBlock:
				block = randomBytes(len(block))
			case bigBlock:
				block = randomBytes(5 << 20)
			case gapBlocks:
				continue
			case closeMid:
				caller, err := callerOf(stream.Context())
				if err != nil {
					return err
				}
				time.Sleep(200 * time.Millisecond) // let the blocks so far out
				return n.host.Network().ClosePeer(caller)
			}
		}
		if err := stream.Send(&gen.Block{Block: block}); err != nil {
			return nil
		}
	}
	return nil
}

// corrupt changes the last byte of the last transaction, which belongs to its signature, or of
// the state root if there is none.
func corrupt(block []byte) []byte {
	bad := append([]byte(nil), block...)
	at := len(bad) / 2
	if start, end, err := rlpChild(bad, 1); err == nil && end > start {
		at = end - 1
	} else if header, _, _, err := rlpItem(bad); err == nil {
		if _, end, err := rlpChild(bad[header:], 3); err == nil {
			at = header + end - 1
		}
	}
	bad[at] ^= 0x01
	return bad
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// junkNodes are addresses no node should hand out: without a transport or a peer ID, unparsable,
// private, or simply nobody's.
func junkNodes() []string {
	forms := []string{
		"/p2p/ID", "garbage ID", "", "/ip4/10.N.0.1/tcp/1478/p2p/ID", "/ip4/192.168.1.N/tcp/1478/p2p/ID",
		"/ip4/127.0.0.1/tcp/1", "/ip4/0.0.0.0/tcp/0/p2p/ID", "/ip4/127.0.0.1/tcp/99999/p2p/ID",
		"/ip4/127.0.0.1/tcp/1/p2p/xyzID", "/dns4/nobody.invalid/tcp/1478/p2p/ID",
		"/ip6/fe80::N/udp/9/p2p/ID", "/ip4/127.0.0.1/tcp/9/p2p/ID",
	}
	nodes := make([]string, 500)
	for i := range nodes {
		fill := strings.NewReplacer("ID", randomPeerID().String(), "N", strconv.Itoa(i%250))
		nodes[i] = fill.Replace(forms[i%len(forms)])
	}
	return nodes
}
