package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"edgekeeper.test/go-peer/gen"
)

// download is one GetBlocks call and what came of it.
type download struct {
	from    uint64
	limit   uint64 // stop after this many blocks; 0 reads to the end
	outFile string // where the blocks go, one after the other
	noHash  bool   // for benchmarks: leave out the SHA-256

	count, bytes   uint64
	first, elapsed time.Duration
	sum            hash.Hash
}

// run calls GetBlocks on a fresh stream, which is closed at the end.
func (d *download) run(ctx context.Context, n *node, to peer.ID) (err error) {
	sink, done, err := d.sink()
	if err != nil {
		return err
	}
	defer func() {
		if failed := done(); err == nil {
			err = failed
		}
	}()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start := time.Now()
	defer func() { d.elapsed = time.Since(start) }()
	conn, err := openClient(ctx, n.host, to, syncerProtocol)
	if err != nil {
		return err
	}
	defer conn.Close()
	stream, err := gen.NewSyncPeerClient(conn).GetBlocks(ctx, &gen.GetBlocksRequest{From: d.from})
	if err != nil {
		return err
	}
	for d.limit == 0 || d.count < d.limit {
		block, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.count == 0 {
			d.first = time.Since(start)
		}
		d.count++
		d.bytes += uint64(len(block.Block))
		if _, err := sink.Write(block.Block); err != nil {
			return err
		}
	}
	return nil
}

// sink is where the bytes of the blocks go: the hash, the file, or both.
func (d *download) sink() (io.Writer, func() error, error) {
	var writers []io.Writer
	done := func() error { return nil }
	if !d.noHash {
		d.sum = sha256.New()
		writers = append(writers, d.sum)
	}
	if d.outFile != "" {
		file, err := os.Create(d.outFile)
		if err != nil {
			return nil, nil, err
		}
		buffered := bufio.NewWriter(file)
		writers = append(writers, buffered)
		done = func() error {
			err := buffered.Flush()
			if failed := file.Close(); err == nil {
				err = failed
			}
			return err
		}
	}
	return io.MultiWriter(writers...), done, nil
}

func (d *download) result() fields {
	f := fields{
		"count": d.count, "bytes": d.bytes,
		"firstMs": d.first.Seconds() * 1000, "elapsedMs": d.elapsed.Seconds() * 1000,
	}
	if d.sum != nil {
		f["sha256"] = hex.EncodeToString(d.sum.Sum(nil))
	}
	return f
}
