package sfu

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"
)

// answerDeadline bounds the answer to one offer; gathering is local and fast.
const answerDeadline = 5 * time.Second

// answer applies an offer and gives the answer with every candidate in it. The
// work runs beside, so that the session never waits longer than the deadline.
func (p *Peer) answer(o *offer) (string, error) {
	type result struct {
		sdp string
		err error
	}
	ready := make(chan result, 1)
	p.spawn(func() {
		defer p.recovered()
		sdp, err := p.negotiate(o)
		ready <- result{sdp, err}
	})
	timer := time.NewTimer(answerDeadline)
	defer timer.Stop()
	select {
	case r := <-ready:
		return r.sdp, r.err
	case <-p.done:
		return "", ErrClosed
	case <-timer.C:
		p.fail("no answer in time")
		return "", fmt.Errorf("answer offer: not done after %v", answerDeadline)
	}
}

func (p *Peer) negotiate(o *offer) (string, error) {
	first := p.attached.Load()
	if first != nil && !o.sameShape(first.offer) {
		return "", fmt.Errorf("%w: other m-lines than the first offer", ErrOffer)
	}
	var err error
	if first == nil {
		if first, err = p.begin(o); err != nil {
			return "", err
		}
	}
	pc := p.connection()
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.plain}); err != nil {
		return "", fmt.Errorf("%w: %w", ErrOffer, err)
	}
	if p.attached.Load() == nil {
		if err := errors.Join(withoutRED(pc), p.place(pc, first)); err != nil {
			return "", err
		}
		p.attached.Store(first)
		p.spawn(p.writer.run)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	reply, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("create answer: %w", err)
	}
	if err := pc.SetLocalDescription(reply); err != nil {
		return "", fmt.Errorf("set answer: %w", err)
	}
	select {
	case <-gathered:
	case <-p.done:
		return "", ErrClosed
	}
	p.router.wake()
	answer, err := withoutIdleRepairs(pc.LocalDescription().SDP)
	p.sfu.ports.introduce(credentialsOf(answer), credentialsOf(pc.CurrentRemoteDescription().SDP))
	return p.sfu.ports.announce(answer, p.cfg.From), err
}

// begin makes the PeerConnection of the first offer. One refused later in the
// negotiation leaves nothing behind but a connection that Close ends.
func (p *Peer) begin(o *offer) (*attachment, error) {
	if p.connection() != nil {
		return nil, fmt.Errorf("%w: the first one failed", ErrOffer)
	}
	a := p.attach(o)
	api, err := p.newAPI(o)
	if err != nil {
		return nil, err
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{p.sfu.identity}, BundlePolicy: webrtc.BundlePolicyMaxBundle,
	})
	if err != nil {
		return nil, fmt.Errorf("make connection: %w", err)
	}
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { p.poke() })
	p.mu.Lock()
	p.pc = pc
	p.mu.Unlock()
	select {
	case <-p.done: // end did not see the connection
		_ = pc.Close()
		return nil, ErrClosed
	default:
		return a, nil
	}
}

// withoutRED takes RED off what clients send: a gate lets only plain sound pass.
func withoutRED(pc *webrtc.PeerConnection) error {
	for _, t := range pc.GetTransceivers() {
		if t.Kind() != webrtc.RTPCodecTypeAudio || t.Direction() != webrtc.RTPTransceiverDirectionRecvonly {
			continue
		}
		codecs := slices.DeleteFunc(slices.Clone(t.Receiver().GetParameters().Codecs), func(c webrtc.RTPCodecParameters) bool {
			return strings.EqualFold(c.MimeType, mimeRED)
		})
		if err := t.SetCodecPreferences(codecs); err != nil {
			return fmt.Errorf("prefer codecs of m-line %q: %w", t.Mid(), err)
		}
	}
	return nil
}

// path learns from ICE by what the client is reached.
func (p *Peer) path(transport *webrtc.ICETransport) {
	transport.OnSelectedCandidatePairChange(func(pair *webrtc.ICECandidatePair) {
		p.writer.swift.Store(pair.Local.Protocol == webrtc.ICEProtocolUDP)
	})
}

// place puts every slot on its m-line. Pion gives a track to the first m-line
// that can take it; that it is the right one is checked, because a slot on the
// wrong m-line would show one room under another's name.
func (p *Peer) place(pc *webrtc.PeerConnection, a *attachment) error {
	for _, s := range a.slots {
		sender, err := pc.AddTrack(s)
		if err != nil {
			return fmt.Errorf("add %s: %w", s.ID(), err)
		}
		p.path(sender.Transport().ICETransport())
		for _, t := range pc.GetTransceivers() {
			if t.Sender() != sender {
				continue
			}
			if t.Mid() != s.mid {
				return fmt.Errorf("%w: %s is on m-line %q, not %q", ErrOffer, s.ID(), t.Mid(), s.mid)
			}
			if err := t.SetCodecPreferences(estimating(sender.GetParameters().Codecs)); err != nil {
				return fmt.Errorf("prefer codecs of %s: %w", s.ID(), err)
			}
		}
	}
	return nil
}

// estimating takes transport-cc off the codecs of a slot: a browser that is
// offered both estimates nothing itself (REMB).
func estimating(codecs []webrtc.RTPCodecParameters) []webrtc.RTPCodecParameters {
	for i := range codecs {
		codecs[i].RTCPFeedback = slices.DeleteFunc(slices.Clone(codecs[i].RTCPFeedback), func(f webrtc.RTCPFeedback) bool {
			return f.Type == webrtc.TypeRTCPFBTransportCC
		})
	}
	return codecs
}
