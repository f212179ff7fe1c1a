package main

import (
	"context"
	"sync"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"google.golang.org/protobuf/proto"

	"edgekeeper.test/go-peer/gen"
)

const statusTopic = "syncer/status/0.1"

// gossip publishes and receives on gossipsub. Every message is signed by its origin.
type gossip struct {
	ps     *pubsub.PubSub
	mu     sync.Mutex
	topics map[string]*pubsub.Topic
}

func newGossip(ctx context.Context, n *node) (*gossip, error) {
	ps, err := pubsub.NewGossipSub(ctx, n.host,
		pubsub.WithMessageSignaturePolicy(pubsub.StrictSign),
		pubsub.WithPeerOutboundQueueSize(1024),
		pubsub.WithValidateQueueSize(1024))
	if err != nil {
		return nil, err
	}
	g := &gossip{ps: ps, topics: map[string]*pubsub.Topic{}}
	topic, err := g.topic(statusTopic)
	if err != nil {
		return nil, err
	}
	sub, err := topic.Subscribe(pubsub.WithBufferSize(1024))
	if err != nil {
		return nil, err
	}
	go n.reportStatuses(ctx, sub)
	return g, nil
}

// reportStatuses reports every status under the peer that signed it.
func (n *node) reportStatuses(ctx context.Context, sub *pubsub.Subscription) {
	for {
		msg, err := sub.Next(ctx)
		if err != nil {
			return
		}
		if msg.GetFrom() == n.host.ID() {
			continue
		}
		status := &gen.SyncPeerStatus{}
		if err := proto.Unmarshal(msg.Data, status); err != nil {
			n.out.event("badStatus", fields{"peer": msg.GetFrom().String(), "error": err.Error()})
			continue
		}
		n.out.event("status", fields{"peer": msg.GetFrom().String(), "number": status.Number})
	}
}

func (g *gossip) topic(name string) (*pubsub.Topic, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if topic, ok := g.topics[name]; ok {
		return topic, nil
	}
	topic, err := g.ps.Join(name)
	if err == nil {
		g.topics[name] = topic
	}
	return topic, err
}

func (g *gossip) publish(ctx context.Context, name string, data []byte) error {
	topic, err := g.topic(name)
	if err != nil {
		return err
	}
	return topic.Publish(ctx, data)
}

func (g *gossip) publishStatus(ctx context.Context, number uint64) error {
	data, err := proto.Marshal(&gen.SyncPeerStatus{Number: number})
	if err != nil {
		return err
	}
	return g.publish(ctx, statusTopic, data)
}
