package main

import (
	"context"
	"strconv"

	"edgekeeper.test/go-client/gen/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

func ibftStatus(ctx context.Context, conn *grpc.ClientConn, _ []string) (any, error) {
	answer, err := v1.NewIbftOperatorClient(conn).Status(ctx, &emptypb.Empty{})
	if err != nil {
		return nil, err
	}
	return map[string]any{"validator_key": answer.Key}, nil
}

func ibftSnapshot(ctx context.Context, conn *grpc.ClientConn, args []string) (any, error) {
	request := &v1.SnapshotReq{Latest: true}
	if number, err := strconv.ParseUint(argument(args, 0), 10, 64); err == nil {
		request = &v1.SnapshotReq{Number: number}
	}
	answer, err := v1.NewIbftOperatorClient(conn).GetSnapshot(ctx, request)
	if err != nil {
		return nil, err
	}
	votes, validators := []any{}, []any{}
	for _, vote := range answer.Votes {
		votes = append(votes, map[string]any{
			"proposer": vote.Validator, "address": vote.Proposed, "vote": word(vote.Auth),
		})
	}
	for _, validator := range answer.Validators {
		validators = append(validators, map[string]any{"Address": validator.Address})
	}
	return map[string]any{
		"number": answer.Number, "hash": answer.Hash, "votes": votes, "validators": validators,
	}, nil
}

func ibftCandidates(ctx context.Context, conn *grpc.ClientConn, _ []string) (any, error) {
	answer, err := v1.NewIbftOperatorClient(conn).Candidates(ctx, &emptypb.Empty{})
	if err != nil {
		return nil, err
	}
	rows := []any{}
	for _, candidate := range answer.Candidates {
		rows = append(rows, map[string]any{"address": candidate.Address, "vote": word(candidate.Auth)})
	}
	return map[string]any{"candidates": rows}, nil
}

func ibftPropose(ctx context.Context, conn *grpc.ClientConn, args []string) (any, error) {
	candidate := &v1.Candidate{Address: argument(args, 0), Auth: argument(args, 1) == "auth"}
	_, err := v1.NewIbftOperatorClient(conn).Propose(ctx, candidate)
	return map[string]any{}, err
}

func word(isAdded bool) string {
	if isAdded {
		return "ADD"
	}
	return "REMOVE"
}
