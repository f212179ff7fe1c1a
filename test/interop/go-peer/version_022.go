//go:build libp2p022

package main

import "github.com/libp2p/go-libp2p"

var versionOptions []libp2p.Option
