package main

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strconv"

	"edgekeeper.test/go-client/gen/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

func status(ctx context.Context, conn *grpc.ClientConn, _ []string) (any, error) {
	answer, err := v1.NewSystemClient(conn).GetStatus(ctx, &emptypb.Empty{})
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"chain_id":             answer.Network,
		"current_block_number": answer.Current.Number,
		"current_block_hash":   answer.Current.Hash,
		"libp2p_address":       answer.P2PAddr,
	}, nil
}

func peersAdd(ctx context.Context, conn *grpc.ClientConn, args []string) (any, error) {
	added, refused := []string{}, []string{}
	for _, address := range args {
		if _, err := v1.NewSystemClient(conn).PeersAdd(ctx, &v1.PeersAddRequest{Id: address}); err != nil {
			refused = append(refused, err.Error())
			continue
		}
		added = append(added, address)
	}
	return map[string]any{
		"num_requested": len(args),
		"num_added":     len(added),
		"peers":         added,
		"errors":        refused,
	}, nil
}

func peersList(ctx context.Context, conn *grpc.ClientConn, _ []string) (any, error) {
	answer, err := v1.NewSystemClient(conn).PeersList(ctx, &emptypb.Empty{})
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for _, peer := range answer.Peers {
		ids = append(ids, peer.Id)
	}
	return map[string]any{"peers": ids}, nil
}

func peersStatus(ctx context.Context, conn *grpc.ClientConn, args []string) (any, error) {
	peer, err := v1.NewSystemClient(conn).PeersStatus(ctx, &v1.PeersStatusRequest{Id: argument(args, 0)})
	if err != nil {
		return nil, err
	}
	return map[string]any{"id": peer.Id, "protocols": peer.Protocols, "addresses": peer.Addrs}, nil
}

// monitor waits for one event.
func monitor(ctx context.Context, conn *grpc.ClientConn, _ []string) (any, error) {
	stream, err := v1.NewSystemClient(conn).Subscribe(ctx, &emptypb.Empty{})
	if err != nil {
		return nil, err
	}
	event, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	blocks := func(kind string, headers []*v1.BlockchainEvent_Header) []any {
		rows := []any{}
		for _, header := range headers {
			rows = append(rows, map[string]any{"type": kind, "number": header.Number, "hash": header.Hash})
		}
		return rows
	}
	return map[string]any{"events": map[string]any{
		"added":   blocks("ADD BLOCK", event.Added),
		"removed": blocks("REMOVE BLOCK", event.Removed),
	}}, nil
}

func block(ctx context.Context, conn *grpc.ClientConn, args []string) (any, error) {
	number, err := strconv.ParseUint(argument(args, 0), 10, 64)
	if err != nil {
		return nil, err
	}
	answer, err := v1.NewSystemClient(conn).BlockByNumber(ctx, &v1.BlockByNumberRequest{Number: number})
	if err != nil {
		return nil, err
	}
	return map[string]any{"data": "0x" + hex.EncodeToString(answer.Data)}, nil
}

// export reads the whole chain, as backup does.
func export(ctx context.Context, conn *grpc.ClientConn, _ []string) (any, error) {
	stream, err := v1.NewSystemClient(conn).Export(ctx, &v1.ExportRequest{})
	if err != nil {
		return nil, err
	}
	var bytes, to uint64
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return map[string]any{"from": 0, "to": to, "bytes": bytes}, nil
		}
		if err != nil {
			return nil, err
		}
		bytes += uint64(len(event.Data))
		to = event.To
	}
}
