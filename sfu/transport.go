package sfu

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v5/packetio"
)

const (
	linkLost      = 4 * time.Second // without a packet: the path is down
	linkFailed    = 4 * time.Second // after that: for good
	linkKeepalive = time.Second
	linkConnect   = 10 * time.Second // for ICE and DTLS together
	linkAsks      = 100              // of one way, five a second: as long as linkConnect and more
	linkUDPAlone  = time.Second      // before TCP is tried too
	linkReplay    = 4096             // packets of the replay window, for repairs come late
	handshakeMax  = 64               // DTLS datagrams not yet read
)

// phase is how far a transport has come.
type phase int32

const (
	phaseNew phase = iota
	phaseUp
	phaseLost // ICE disconnected; may come back
	phaseDead
)

// transport is one path of a link's media: an ICE agent, DTLS for the keys and
// SRTP with a context for each way (RFC 5764), without SDP or PeerConnection.
// One goroutine reads it and one writes it; neither knows the other's context.
// It is never mended: a link that needs another builds it beside and swaps.
type transport struct {
	link   *Link
	number uint32
	agent  *ice.Agent
	conn   *ice.Conn // set by connect, before the reader
	run    run
	hello  *packetio.Buffer // DTLS datagrams
	phase  atomic.Int32
	keys   atomic.Pointer[srtpKeys]
	done   chan struct{}
	ending sync.Once
	wait   sync.WaitGroup

	writer   *linkWriter
	reader   linkReader
	arrivals atomic.Pointer[map[uint32]*arrival] // by SSRC, repairs too; copied on change under Link.mu
	relays   atomic.Pointer[map[uint32]*relay]   // by SSRC; copied on change under Link.mu
}

// srtpKeys are the two directions; in belongs to the reader, out to the writer.
type srtpKeys struct{ in, out *srtp.Context }

// newTransport makes the agent and gathers its candidates, which are local.
func newTransport(l *Link, number uint32) (*transport, error) {
	t := &transport{link: l, number: number, hello: packetio.NewBuffer(), done: make(chan struct{})}
	t.hello.SetLimitCount(handshakeMax)
	t.arrivals.Store(&map[uint32]*arrival{})
	t.relays.Store(&map[uint32]*relay{})
	t.writer = newLinkWriter(t)
	t.reader = newLinkReader(t)
	agent, err := ice.NewAgentWithOptions(l.sfu.ports.agentOptions(l.cfg.Child, &t.run, l.sfu.pionLog)...)
	if err != nil {
		return nil, fmt.Errorf("make ice agent: %w", err)
	}
	t.agent = agent
	gathered := make(chan struct{})
	var once sync.Once
	err = errors.Join(
		agent.OnCandidate(func(c ice.Candidate) {
			if c == nil {
				once.Do(func() { close(gathered) })
			}
		}),
		agent.OnConnectionStateChange(t.follow),
	)
	if err == nil {
		err = agent.GatherCandidates()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("gather ice candidates: %w", err), agent.Close())
	}
	timer := time.NewTimer(linkConnect)
	defer timer.Stop()
	select {
	case <-gathered:
		return t, nil
	case <-timer.C:
		return nil, errors.Join(errors.New("gather ice candidates: not done in time"), agent.Close())
	}
}

// describe tells the other end how to reach this one.
func (t *transport) describe() (transportMessage, error) {
	ufrag, password, err := t.agent.GetLocalUserCredentials()
	if err != nil {
		return transportMessage{}, fmt.Errorf("read ice credentials: %w", err)
	}
	m := transportMessage{Number: t.number, Ufrag: ufrag, Password: password, Fingerprint: fingerprint(t.link.identity.Certificate[0])}
	if t.link.cfg.Child {
		return m, nil // it dials; nothing could reach it
	}
	m.Candidates = t.link.sfu.ports.describe(t.link.cfg.From)
	return m, nil
}

func fingerprint(certificate []byte) string {
	sum := sha256.Sum256(certificate)
	return hex.EncodeToString(sum[:])
}

// follow hears what the agent thinks of the path.
func (t *transport) follow(state ice.ConnectionState) {
	switch state {
	case ice.ConnectionStateDisconnected:
		t.phase.CompareAndSwap(int32(phaseUp), int32(phaseLost))
	case ice.ConnectionStateConnected, ice.ConnectionStateCompleted:
		t.phase.CompareAndSwap(int32(phaseLost), int32(phaseUp))
	case ice.ConnectionStateFailed, ice.ConnectionStateClosed:
		t.phase.Store(int32(phaseDead))
	}
	t.link.poke()
}

// connect brings the path up with what the other end described. It ends the
// transport if that fails.
func (t *transport) connect(remote transportMessage) {
	ctx, cancel := context.WithTimeout(context.Background(), linkConnect)
	defer cancel()
	if err := t.establish(ctx, remote); err != nil {
		t.link.sfu.log.Warn("link media path failed", "node", t.link.cfg.Name, "err", err)
		t.phase.Store(int32(phaseDead))
	} else {
		t.phase.CompareAndSwap(int32(phaseNew), int32(phaseUp))
	}
	t.link.poke()
}

func (t *transport) establish(ctx context.Context, remote transportMessage) error {
	ufrag, password, err := t.agent.GetLocalUserCredentials()
	if err != nil {
		return fmt.Errorf("read ice credentials: %w", err)
	}
	t.link.sfu.ports.introduce(credentials{ufrag, password}, credentials{remote.Ufrag, remote.Password})
	later, err := t.meet(remote.Candidates)
	if err != nil {
		return err
	}
	patience, met := context.WithTimeout(ctx, linkUDPAlone)
	defer met()
	t.spawn(func() {
		<-patience.Done()
		if errors.Is(patience.Err(), context.DeadlineExceeded) {
			for _, c := range later {
				_ = t.agent.AddRemoteCandidate(c) // it has been closed
			}
		}
	})
	join := t.agent.Accept
	if t.link.cfg.Child {
		join = t.agent.Dial
	}
	conn, err := join(ctx, remote.Ufrag, remote.Password)
	if err != nil {
		return fmt.Errorf("connect by ice: %w", err)
	}
	met()
	t.conn = conn
	t.spawn(t.reader.run)
	keys, err := t.agree(ctx, remote.Fingerprint)
	if err != nil {
		return err
	}
	t.keys.Store(keys)
	t.spawn(t.writer.run)
	return nil
}

// meet tries the candidates of the other end that are UDP, and gives the others:
// TCP is for lines where UDP does not pass, and ICE would take what answers first.
func (t *transport) meet(candidates []string) (later []ice.Candidate, err error) {
	for _, text := range candidates {
		c, err := ice.UnmarshalCandidate(text)
		if err != nil {
			return nil, fmt.Errorf("read candidate: %w", err)
		}
		if c.NetworkType().IsTCP() {
			later = append(later, c)
			continue
		}
		if err := t.agent.AddRemoteCandidate(c); err != nil {
			return nil, fmt.Errorf("add candidate: %w", err)
		}
	}
	return later, nil
}

// agree runs the DTLS handshake, in which the parent is the server, and checks
// that the other end is the one that the control channel vouches for.
func (t *transport) agree(ctx context.Context, expected string) (*srtpKeys, error) {
	options := []dtls.Option{
		dtls.WithCertificates(t.link.identity),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithInsecureSkipVerify(true), // the fingerprint is the proof
		dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error {
			if len(raw) == 0 || fingerprint(raw[0]) != expected {
				return errors.New("not the certificate that was announced")
			}
			return nil
		}),
		dtls.WithLoggerFactory(t.link.sfu.pionLog),
		dtls.WithFlightInterval(200 * time.Millisecond),
	}
	conn, err := t.shake(options)
	if err != nil {
		return nil, fmt.Errorf("begin dtls: %w", err)
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("agree by dtls: %w", err), conn.Close())
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return nil, errors.New("read dtls state")
	}
	cfg := srtp.Config{Profile: srtp.ProtectionProfileAeadAes128Gcm}
	if err := cfg.ExtractSessionKeysFromDTLS(&state, t.link.cfg.Child); err != nil {
		return nil, fmt.Errorf("extract srtp keys: %w", err)
	}
	in, err := srtp.CreateContext(cfg.Keys.RemoteMasterKey, cfg.Keys.RemoteMasterSalt, cfg.Profile, srtp.SRTPReplayProtection(linkReplay), srtp.SRTCPReplayProtection(linkReplay))
	if err != nil {
		return nil, fmt.Errorf("make srtp context: %w", err)
	}
	out, err := srtp.CreateContext(cfg.Keys.LocalMasterKey, cfg.Keys.LocalMasterSalt, cfg.Profile)
	if err != nil {
		return nil, fmt.Errorf("make srtp context: %w", err)
	}
	return &srtpKeys{in: in, out: out}, nil
}

func (t *transport) shake(options []dtls.Option) (*dtls.Conn, error) {
	under := &dtlsPath{t}
	if t.link.cfg.Child {
		all := make([]dtls.ClientOption, 0, len(options))
		for _, o := range options {
			all = append(all, o)
		}
		return dtls.ClientWithOptions(under, under.RemoteAddr(), all...)
	}
	all := []dtls.ServerOption{dtls.WithClientAuth(dtls.RequireAnyClientCert)}
	for _, o := range options {
		all = append(all, o)
	}
	return dtls.ServerWithOptions(under, under.RemoteAddr(), all...)
}

// spawn starts a goroutine that close waits for.
func (t *transport) spawn(f func()) {
	t.wait.Go(t.link.sfu.scope("link media path of "+t.link.cfg.Name, t.die).Func(f))
}

// die gives this transport up; the link builds another.
func (t *transport) die() {
	t.phase.Store(int32(phaseDead))
	t.link.poke()
}

// close ends the path and waits for its goroutines.
func (t *transport) close() {
	t.ending.Do(func() {
		t.phase.Store(int32(phaseDead))
		close(t.done)
		_ = t.hello.Close()
		_ = t.agent.GracefulClose()
	})
	t.wait.Wait()
}

// up reports whether packets may be sent.
func (t *transport) up() bool { return t != nil && phase(t.phase.Load()) == phaseUp }

// dtlsPath is the path as DTLS sees it: only its own datagrams (RFC 7983).
type dtlsPath struct{ t *transport }

// ReadFrom gives the next datagram of DTLS.
func (p *dtlsPath) ReadFrom(b []byte) (int, net.Addr, error) {
	n, _, err := p.t.hello.Read(b, nil)
	return n, p.RemoteAddr(), err
}

// WriteTo sends a datagram to the other end, whatever the address.
func (p *dtlsPath) WriteTo(b []byte, _ net.Addr) (int, error) { return p.t.conn.Write(b) }

// Close ends nothing: the transport does.
func (p *dtlsPath) Close() error { return nil }

// LocalAddr is the local end.
func (p *dtlsPath) LocalAddr() net.Addr { return p.t.conn.LocalAddr() }

// RemoteAddr is the other end. It never changes for DTLS, whatever ICE does.
func (p *dtlsPath) RemoteAddr() net.Addr { return &net.UDPAddr{IP: net.IPv4zero} }

// SetDeadline is SetReadDeadline: a write never waits.
func (p *dtlsPath) SetDeadline(at time.Time) error { return p.SetReadDeadline(at) }

// SetReadDeadline bounds ReadFrom.
func (p *dtlsPath) SetReadDeadline(at time.Time) error { return p.t.hello.SetReadDeadline(at) }

// SetWriteDeadline does nothing: a write never waits.
func (p *dtlsPath) SetWriteDeadline(time.Time) error { return nil }
