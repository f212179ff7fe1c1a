package main

import (
	"context"
	"encoding/hex"
	"strings"

	"edgekeeper.test/go-client/gen/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
)

func txpoolStatus(ctx context.Context, conn *grpc.ClientConn, _ []string) (any, error) {
	answer, err := v1.NewTxnPoolOperatorClient(conn).Status(ctx, &emptypb.Empty{})
	if err != nil {
		return nil, err
	}
	return map[string]any{"transactions": answer.Length}, nil
}

func txpoolAdd(ctx context.Context, conn *grpc.ClientConn, args []string) (any, error) {
	raw, err := hex.DecodeString(strings.TrimPrefix(argument(args, 0), "0x"))
	if err != nil {
		return nil, err
	}
	request := &v1.AddTxnReq{Raw: &anypb.Any{Value: raw}, From: argument(args, 1)}
	answer, err := v1.NewTxnPoolOperatorClient(conn).AddTxn(ctx, request)
	if err != nil {
		return nil, err
	}
	return map[string]any{"tx_hash": answer.TxHash}, nil
}

// txpoolSubscribe waits for one event.
func txpoolSubscribe(ctx context.Context, conn *grpc.ClientConn, _ []string) (any, error) {
	types := []v1.EventType{v1.EventType_ADDED, v1.EventType_DROPPED, v1.EventType_PRUNED_PROMOTED}
	stream, err := v1.NewTxnPoolOperatorClient(conn).Subscribe(ctx, &v1.SubscribeRequest{Types: types})
	if err != nil {
		return nil, err
	}
	event, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	return map[string]any{"event_type": event.Type, "tx_hash": event.TxHash}, nil
}
