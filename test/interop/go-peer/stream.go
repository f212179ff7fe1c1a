package main

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	grpcpeer "google.golang.org/grpc/peer"
)

// The stream protocols; each carries one HTTP/2 connection per libp2p stream.
const (
	identityProtocol  protocol.ID = "/id/0.1"
	discoveryProtocol protocol.ID = "/disc/0.1"
	syncerProtocol    protocol.ID = "/syncer/0.2"
)

var errStreamUsed = errors.New("stream closed by the remote")

// peerAddr is the net.Addr of a stream's end; it also carries the authenticated peer ID.
type peerAddr struct {
	net.Addr
	id peer.ID
}

// streamConn makes a net.Conn of a libp2p stream.
type streamConn struct{ network.Stream }

func (c streamConn) LocalAddr() net.Addr {
	return toPeerAddr(c.Conn().LocalMultiaddr(), c.Conn().LocalPeer())
}

func (c streamConn) RemoteAddr() net.Addr {
	return toPeerAddr(c.Conn().RemoteMultiaddr(), c.Conn().RemotePeer())
}

func toPeerAddr(addr multiaddr.Multiaddr, id peer.ID) net.Addr {
	tcp, err := manet.ToNetAddr(addr)
	if err != nil {
		tcp = &net.TCPAddr{IP: net.IPv4zero}
	}
	return peerAddr{Addr: tcp, id: id}
}

// callerOf tells which peer opened the stream that a call came on.
func callerOf(ctx context.Context) (peer.ID, error) {
	if p, ok := grpcpeer.FromContext(ctx); ok {
		if addr, ok := p.Addr.(peerAddr); ok {
			return addr.id, nil
		}
	}
	return "", errors.New("invalid type assertion")
}

// streamListener is a net.Listener whose connections are inbound libp2p streams.
type streamListener struct {
	incoming chan net.Conn
	closed   chan struct{}
}

func (l *streamListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.incoming:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *streamListener) Close() error   { return nil }
func (l *streamListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// serveProtocol runs a gRPC server on the streams that peers open for a protocol.
func serveProtocol(h host.Host, id protocol.ID, register func(*grpc.Server)) {
	listener := &streamListener{incoming: make(chan net.Conn), closed: make(chan struct{})}
	server := grpc.NewServer()
	register(server)
	h.SetStreamHandler(id, func(s network.Stream) { listener.incoming <- streamConn{s} })
	go func() { _ = server.Serve(listener) }()
}

// openClient opens a fresh stream to a peer and waits until the HTTP/2 connection on it is up.
// The dial target is empty, and so is therefore the :authority of every call.
func openClient(ctx context.Context, h host.Host, to peer.ID, id protocol.ID) (*grpc.ClientConn, error) {
	stream, err := h.NewStream(ctx, to, id)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var used, closed atomic.Bool
	dialer := func(context.Context, string) (net.Conn, error) {
		if used.Swap(true) {
			closed.Store(true)
			cancel()
			return nil, errStreamUsed
		}
		return streamConn{stream}, nil
	}
	conn, err := grpc.DialContext(ctx, "", grpc.WithContextDialer(dialer),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithBlock())
	if err != nil {
		_ = stream.Reset()
		if closed.Load() {
			err = errStreamUsed
		}
		return nil, err
	}
	return conn, nil
}
