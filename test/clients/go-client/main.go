// A client of the operator API on stubs made from our proto files, as the Go client's own command line is one. It prints
// what that prints with --json. `go-client ADDRESS COMMAND [ARGUMENT…]`
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const callTimeout = 10 * time.Second

type command func(ctx context.Context, conn *grpc.ClientConn, args []string) (any, error)

var commands = map[string]command{
	"status":           status,
	"peers-add":        peersAdd,
	"peers-list":       peersList,
	"peers-status":     peersStatus,
	"monitor":          monitor,
	"block":            block,
	"export":           export,
	"ibft-status":      ibftStatus,
	"ibft-snapshot":    ibftSnapshot,
	"ibft-candidates":  ibftCandidates,
	"ibft-propose":     ibftPropose,
	"txpool-status":    txpoolStatus,
	"txpool-add":       txpoolAdd,
	"txpool-subscribe": txpoolSubscribe,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		_ = json.NewEncoder(os.Stderr).Encode(map[string]string{"error": err.Error()})
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: go-client ADDRESS COMMAND [ARGUMENT…]")
	}
	call, known := commands[args[1]]
	if !known {
		return fmt.Errorf("unknown command %s", args[1])
	}
	conn, err := grpc.Dial(args[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	result, err := call(ctx, conn, args[2:])
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func argument(args []string, index int) string {
	if index < len(args) {
		return args[index]
	}
	return ""
}
