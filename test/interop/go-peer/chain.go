package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"sync/atomic"
)

// chain is what GetBlocks serves. It never changes but for the height up to which it is shown.
type chain struct {
	first  uint64
	blocks [][]byte // raw RLP by number - first; nil in a benchmark
	count  uint64
	noise  []byte // payload of made-up blocks
	head   atomic.Uint64
}

// newChain loads the archive, or prepares the made-up payloads; with neither, there is
// nothing to serve and the head is 0.
func newChain(o *options) (*chain, error) {
	c := &chain{}
	switch {
	case o.backup != "":
		if err := c.loadArchive(o.backup); err != nil {
			return nil, fmt.Errorf("%s: %w", o.backup, err)
		}
	case o.benchBlocks > 0:
		if o.benchSize < 8 {
			return nil, errors.New("--bench-size must be at least 8")
		}
		c.count = o.benchBlocks
		c.noise = make([]byte, o.benchSize)
		rand.New(rand.NewSource(1)).Read(c.noise)
	}
	switch {
	case o.head >= 0:
		return c, c.setHead(uint64(o.head))
	case c.count > 0:
		return c, c.setHead(c.first + c.count - 1)
	}
	return c, nil
}

// loadArchive cuts RLP(metadata) || RLP(block) || RLP(block) ... into its blocks.
func (c *chain) loadArchive(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for n := 0; len(data) > 0; n++ {
		_, end, isList, err := rlpItem(data)
		if err != nil || !isList {
			return fmt.Errorf("item %d: %w", n, errRLP)
		}
		if n > 0 {
			c.blocks = append(c.blocks, data[:end:end])
		}
		data = data[end:]
	}
	if len(c.blocks) == 0 {
		return errors.New("no blocks")
	}
	c.count = uint64(len(c.blocks))
	c.first, err = blockNumber(c.blocks[0])
	return err
}

// setHead changes the height up to which blocks are served.
func (c *chain) setHead(n uint64) error {
	if n >= c.first+c.count || n < c.first {
		return fmt.Errorf("head %d is outside of the %d blocks from %d", n, c.count, c.first)
	}
	c.head.Store(n)
	return nil
}

// block returns the raw bytes of a block. A made-up one is its number as 8 bytes and then noise;
// it is put together anew each time, as the reference node encodes every block it sends.
func (c *chain) block(n uint64) ([]byte, bool) {
	if n < c.first || n-c.first >= c.count {
		return nil, false
	}
	if c.blocks != nil {
		return c.blocks[n-c.first], true
	}
	payload := make([]byte, len(c.noise))
	copy(payload, c.noise)
	binary.BigEndian.PutUint64(payload, n)
	return payload, true
}
