// The probe is a script that runs in every page before the page's own. It
// keeps hold of the page's PeerConnections and sockets, so that a test can
// count and measure from outside, and it can turn the page into a cheat.

/** What the probe counts in a page. */
export interface Counts {
  /** Frames the page sent over its socket, by type. */
  sent: Record<string, number>;
  /** Frames the page received, by type. */
  received: Record<string, number>;
  /** Codes of the errors the page was answered. */
  errors: string[];
  /** Calls of setLocalDescription and setRemoteDescription. */
  descriptions: number;
  /** PeerConnections made since the page was loaded. */
  connections: number;
  /** What people have worked the page with: places of keys, kinds of pointers; and how often. */
  worked: Record<string, number>;
}

/** The probe as the page sees it, at window.giaobanProbe. */
export interface Probe {
  counts: Counts;
  peers: RTCPeerConnection[];
  sockets: WebSocket[];
  ears: Map<MediaStreamTrack, AnalyserNode>;
  audio?: AudioContext;
  /** What is sent in the place of the microphone, and what was there. */
  voice?: { audio: AudioContext; gain: GainNode; microphone: RTCRtpSender; track: MediaStreamTrack | null };
}

/** How the page is to be changed before it starts. */
export interface ProbeOptions {
  /** Keep the microphone's sender fed and switched on, whatever the page does. */
  cheat: boolean;
}

declare global {
  interface Window {
    giaobanProbe: Probe;
  }
}

/**
 * installProbe is serialised into the page and must use nothing from outside
 * itself.
 */
export function installProbe(options: ProbeOptions): void {
  const probe: Probe = {
    counts: { sent: {}, received: {}, errors: [], descriptions: 0, connections: 0, worked: {} },
    peers: [],
    sockets: [],
    ears: new Map(),
  };
  window.giaobanProbe = probe;

  const count = (table: Record<string, number>, frame: unknown) => {
    if (typeof frame !== 'string') return;
    const { t, d } = JSON.parse(frame);
    table[t] = (table[t] ?? 0) + 1;
    if (t === 'error') probe.counts.errors.push(JSON.stringify(d));
  };

  const work = (what: string) => {
    probe.counts.worked[what] = (probe.counts.worked[what] ?? 0) + 1;
  };
  addEventListener('keydown', (e) => work(e.code), true);
  addEventListener('pointerdown', (e) => work(e.pointerType), true);

  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      probe.sockets.push(this);
      this.addEventListener('message', (event) => count(probe.counts.received, event.data));
    }
    override send(data: string | Blob | BufferSource): void {
      count(probe.counts.sent, data);
      super.send(data);
    }
  };

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      probe.peers.push(this);
      probe.counts.connections++;
      if (options.cheat) {
        this.addEventListener('connectionstatechange', () => {
          if (this.connectionState === 'connected') void feedMicrophone(this);
        });
      }
    }
    override setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
      probe.counts.descriptions++;
      return super.setLocalDescription(description);
    }
    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      probe.counts.descriptions++;
      return super.setRemoteDescription(description);
    }
  };

  if (!options.cheat) return;

  // The cheat: the first sending audio m-line is the microphone's. It gets a
  // track of the capture file that nobody but this function holds, so neither
  // switching tracks off nor taking them away silences it.
  const replaceTrack = RTCRtpSender.prototype.replaceTrack;
  const fed = new WeakSet<RTCRtpSender>();
  RTCRtpSender.prototype.replaceTrack = function (track) {
    return fed.has(this) ? Promise.resolve() : replaceTrack.call(this, track);
  };
  const setParameters = RTCRtpSender.prototype.setParameters;
  RTCRtpSender.prototype.setParameters = function (parameters, ...rest) {
    if (fed.has(this)) for (const e of parameters.encodings) e.active = true;
    return setParameters.call(this, parameters, ...rest);
  };
  const feedMicrophone = async (peer: RTCPeerConnection) => {
    const line = peer
      .getTransceivers()
      .find((t) => t.receiver.track.kind === 'audio' && t.currentDirection === 'sendonly');
    if (!line || fed.has(line.sender)) return;
    const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: raw });
    fed.add(line.sender);
    const parameters = line.sender.getParameters();
    await replaceTrack.call(line.sender, stream.getAudioTracks()[0] ?? null);
    await setParameters.call(line.sender, parameters);
  };
}
