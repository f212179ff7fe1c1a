package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/libp2p/go-libp2p/core/crypto"
)

// options are the command-line flags.
type options struct {
	listen      string
	keyHex      string
	chainID     int64
	agent       string
	bootnodes   list
	known       list
	temporary   bool
	backup      string
	head        int64
	benchBlocks uint64
	benchSize   int
	misbehave   string
	misbehaveAt int
}

// list is a flag that can be given more than once.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

func parseOptions() (*options, error) {
	o := &options{}
	flag.StringVar(&o.listen, "listen", "/ip4/127.0.0.1/tcp/0", "multiaddr to listen on")
	flag.StringVar(&o.keyHex, "key-hex", "", "secp256k1 identity, 32 bytes as hex; random if not given")
	flag.Int64Var(&o.chainID, "chain-id", 100, "chain ID for Hello")
	flag.StringVar(&o.agent, "agent", "github.com/0xPolygon/polygon-edge@", "agent version for identify")
	flag.Var(&o.bootnodes, "bootnode", "address to dial at start (may be repeated)")
	flag.Var(&o.known, "known", "address to hand out in FindPeers without dialling it (may be repeated)")
	flag.BoolVar(&o.temporary, "temporary", false, "say temporaryDial in every Hello")
	flag.StringVar(&o.backup, "backup", "", "archive whose blocks are served")
	flag.Int64Var(&o.head, "head", -1, "served head at start; -1 is the last block there is")
	flag.Uint64Var(&o.benchBlocks, "bench-blocks", 0, "serve this many made-up payloads in place of an archive")
	flag.IntVar(&o.benchSize, "bench-size", 1000, "bytes per made-up payload")
	flag.StringVar(&o.misbehave, "misbehave", "", "one of "+strings.Join(misbehaviours, ", "))
	flag.IntVar(&o.misbehaveAt, "misbehave-at", 5, "which block of a GetBlocks answer is tampered with, from 1")
	flag.Parse()
	if flag.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if o.backup != "" && o.benchBlocks > 0 {
		return nil, errors.New("--backup and --bench-blocks exclude each other")
	}
	if o.misbehave != "" && !isMisbehaviour(o.misbehave) {
		return nil, fmt.Errorf("unknown --misbehave mode %q", o.misbehave)
	}
	return o, nil
}

// identityKey is the key given by --key-hex, or a new one.
func (o *options) identityKey() (crypto.PrivKey, error) {
	if o.keyHex == "" {
		key, _, err := crypto.GenerateSecp256k1Key(rand.Reader)
		return key, err
	}
	raw, err := hex.DecodeString(o.keyHex)
	if err != nil || len(raw) != 32 {
		return nil, errors.New("--key-hex must be 32 bytes as hex")
	}
	return crypto.UnmarshalSecp256k1PrivateKey(raw)
}
