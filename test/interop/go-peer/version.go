//go:build !libp2p022

package main

import "github.com/libp2p/go-libp2p"

// Options that go-libp2p 0.22 does not have.
var versionOptions = []libp2p.Option{libp2p.DisableMetrics()}
