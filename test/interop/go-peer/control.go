package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// command is one line of stdin; which fields count depends on cmd.
type command struct {
	ID        int64  `json:"id"`
	Cmd       string `json:"cmd"`
	Addr      string `json:"addr"`
	Peer      string `json:"peer"`
	Key       string `json:"key"`
	Count     *int64 `json:"count"`
	From      uint64 `json:"from"`
	Limit     uint64 `json:"limit"`
	OutFile   string `json:"outFile"`
	NoHash    bool   `json:"noHash"`
	Number    uint64 `json:"number"`
	Topic     string `json:"topic"`
	Hex       string `json:"hex"`
	TimeoutMs int64  `json:"timeoutMs"`
}

// control carries out the commands, each on its own, until exit or the end of the input.
func (n *node) control(ctx context.Context, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		cmd := &command{}
		if err := json.Unmarshal(lines.Bytes(), cmd); err != nil {
			n.out.reply(cmd.ID, nil, err)
			continue
		}
		if cmd.Cmd == "exit" {
			n.out.reply(cmd.ID, nil, nil)
			return nil
		}
		go func() {
			result, err := n.execute(ctx, cmd)
			n.out.reply(cmd.ID, result, err)
		}()
	}
	return lines.Err()
}

func (n *node) execute(ctx context.Context, cmd *command) (fields, error) {
	if cmd.TimeoutMs > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(cmd.TimeoutMs)*time.Millisecond)
		defer cancel()
	}
	switch cmd.Cmd {
	case "dial":
		id, err := n.dial(ctx, cmd.Addr)
		return fields{"peer": id.String()}, err
	case "peers":
		return n.listPeers(), nil
	case "setHead":
		if err := n.chain.setHead(cmd.Number); err != nil {
			return nil, err
		}
		return nil, n.gossip.publishStatus(ctx, n.claimedHead())
	case "publishStatus":
		return nil, n.gossip.publishStatus(ctx, cmd.Number)
	case "publishRaw":
		data, err := hex.DecodeString(strings.TrimPrefix(cmd.Hex, "0x"))
		if err != nil {
			return nil, err
		}
		return nil, n.gossip.publish(ctx, cmd.Topic, data)
	case "hello", "status", "findPeers", "getBlocks", "close":
		id, err := peer.Decode(cmd.Peer)
		if err != nil {
			return nil, err
		}
		return n.executeWithPeer(ctx, cmd, id)
	}
	return nil, fmt.Errorf("unknown command %q", cmd.Cmd)
}

func (n *node) executeWithPeer(ctx context.Context, cmd *command, id peer.ID) (fields, error) {
	switch cmd.Cmd {
	case "hello":
		resp, err := n.hello(ctx, id, false)
		if err != nil {
			return nil, err
		}
		return fields{"chain": resp.Chain, "peerId": resp.Metadata["peerID"], "temporaryDial": resp.TemporaryDial}, nil
	case "status":
		number, err := n.status(ctx, id, false)
		return fields{"number": number}, err
	case "findPeers":
		count := int64(16)
		if cmd.Count != nil {
			count = *cmd.Count
		}
		nodes, err := n.findPeers(ctx, id, cmd.Key, count)
		return fields{"nodes": append([]string{}, nodes...)}, err
	case "getBlocks":
		d := &download{from: cmd.From, limit: cmd.Limit, outFile: cmd.OutFile, noHash: cmd.NoHash}
		err := d.run(ctx, n, id)
		return d.result(), err
	default: // close
		return nil, n.host.Network().ClosePeer(id)
	}
}

// listPeers describes the peers of the table.
func (n *node) listPeers() fields {
	subscribed := map[peer.ID]bool{}
	for _, id := range n.gossip.ps.ListPeers(statusTopic) {
		subscribed[id] = true
	}
	peers := []fields{}
	for id, direction := range n.peers.snapshot() {
		agent, _ := n.host.Peerstore().Get(id, "AgentVersion")
		protocols, _ := n.host.Peerstore().GetProtocols(id)
		addrs := []string{}
		for _, addr := range n.host.Peerstore().Addrs(id) {
			addrs = append(addrs, addr.String())
		}
		peers = append(peers, fields{
			"peer": id.String(), "direction": strings.ToLower(direction.String()), "agent": agent,
			"protocols": protocols, "addrs": addrs, "statusTopic": subscribed[id],
		})
	}
	sort.Slice(peers, func(i, j int) bool { return peers[i]["peer"].(string) < peers[j]["peer"].(string) })
	return fields{"peers": peers, "connections": len(n.host.Network().Conns())}
}
