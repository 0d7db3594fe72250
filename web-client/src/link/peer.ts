// The one PeerConnection of a page. Its m-lines are fixed when it is made:
// camera, microphone, content, content-sound (if the page sends), then the
// video slots, then the voices. Nothing is added later: tracks come and go by
// replaceTrack, and only an ICE restart offers the same m-lines again.
import type { Kind, Publish } from '../wire';
import { Backoff } from './backoff';
import { Refusal } from './refusal';
import { tuneOpus } from './sdp';

/** How long "disconnected" may last before ICE is restarted. */
const grace = 2000;
/** How long a first connection may take before the port is called blocked. */
const firstTry = 12_000;
/**
 * How often a new connection looks whether its camera has sent a picture. Its
 * smallest are sent until then, watched or not: Chromium that is to send
 * pictures says nothing of what its line takes (REMB) until it has sent one.
 */
const introduction = 1000;

/** What the m-lines of a page are. */
export interface Lines {
  send: boolean;
  video: number;
  voices: number;
}

/** PeerState: "blocked" has never come up, "lost" was up before. */
export type PeerState = 'idle' | 'connecting' | 'up' | 'lost' | 'blocked';

/** PeerHandler carries offers and hears what changed. */
export interface PeerHandler {
  offer(sdp: string): Promise<string>;
  state(s: PeerState): void;
  /** streams are new whenever a PeerConnection is: video slots, then voices, by m-line. */
  streams(video: MediaStream[], voices: MediaStream[]): void;
}

/** sending lists the sending m-lines in their order. */
const sending: readonly Kind[] = ['camera', 'microphone', 'content', 'content-sound'];
const isVideo = (k: Kind) => k === 'camera' || k === 'content';
/** encodings are those of a picture: the camera's three layers, smallest first, or one. The last is the full width. */
const encodings: Partial<Record<Kind, readonly RTCRtpEncodingParameters[]>> = {
  camera: [
    { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 120_000 },
    { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 400_000 },
    { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
  ],
  content: [{ maxBitrate: 1_800_000 }],
};

/**
 * layersOf is how many layers a browser makes of a picture: Chromium drops the
 * last ones of a small one, so that the last it makes must be the full width.
 */
function layersOf(track: MediaStreamTrack | null | undefined): number {
  const { width, height } = track?.getSettings?.() ?? {};
  if (!width || !height || width * height >= 960 * 540) return 3;
  return width * height >= 480 * 270 ? 2 : 1;
}

/** Peer keeps media flowing while it is started; it makes a new PeerConnection when one has failed. */
export class Peer {
  private pc: RTCPeerConnection | undefined;
  private lines: Lines = { send: false, video: 0, voices: 0 };
  private readonly tracks = new Map<Kind, MediaStreamTrack | null>();
  private readonly senders = new Map<Kind, RTCRtpSender>();
  private active: Publish = { camera: true, content: true };
  private readonly backoff = new Backoff();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private trouble: 'lost' | 'blocked' | undefined;
  private agreed = false;
  private introduced = false;
  private introducing: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly on: PeerHandler) {}

  /** connection is the PeerConnection of now, for statistics only. */
  get connection(): RTCPeerConnection | undefined {
    return this.pc;
  }

  /** resumable says whether a live PeerConnection would be lost by starting anew. */
  get resumable(): boolean {
    return this.agreed && this.pc !== undefined && this.pc.connectionState !== 'failed';
  }

  /** start makes a new PeerConnection with these m-lines and offers it. */
  start(lines: Lines): void {
    this.drop();
    this.lines = lines;
    this.on.state(this.trouble ?? 'connecting');
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: [] });
    this.pc = pc;
    if (lines.send) for (const kind of sending) this.addSender(pc, kind);
    const video = receivers(pc, 'video', lines.video);
    const voices = receivers(pc, 'audio', lines.voices);
    this.on.streams(video, voices);
    pc.onconnectionstatechange = () => this.changed(pc);
    this.timer = setTimeout(() => this.failed(pc), firstTry);
    void this.negotiate(pc, false);
  }

  /** stop closes the PeerConnection; the tracks stay for the next one. */
  stop(): void {
    this.drop();
    this.trouble = undefined;
    this.on.state('idle');
  }

  /** remake makes a new PeerConnection in the place of one that is up and carries nothing. */
  remake(): void {
    if (this.pc && this.pc.connectionState === 'connected') this.start(this.lines);
  }

  /** resumed tells that the server still holds this PeerConnection after the socket was gone. */
  resumed(): void {
    if (this.pc && this.pc.connectionState !== 'connected') this.mend(this.pc);
  }

  /** send puts a track, or none, on a sending m-line. */
  send(kind: Kind, track: MediaStreamTrack | null): void {
    this.tracks.set(kind, track);
    void this.senders.get(kind)?.replaceTrack(track);
    if (kind !== 'camera') return;
    this.encoders(); // another camera may have another size
    this.introduce();
  }

  /** publish switches the encoders of pictures nobody watches off. */
  publish(active: Publish): void {
    this.active = active;
    this.encoders();
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearInterval(this.introducing);
    this.pc?.close();
    this.pc = undefined;
    this.agreed = false;
    this.introduced = false;
    this.introducing = undefined;
    this.senders.clear();
  }

  private addSender(pc: RTCPeerConnection, kind: Kind): void {
    const media = isVideo(kind) ? 'video' : 'audio';
    const sendEncodings = encodings[kind]?.map((e) => ({ ...e }));
    const transceiver = pc.addTransceiver(media, { direction: 'sendonly', sendEncodings });
    prefer(transceiver, media === 'video' ? /^video\/(vp8|rtx)/i : /^audio\/opus/i);
    this.senders.set(kind, transceiver.sender);
    const track = this.tracks.get(kind);
    if (track) void transceiver.sender.replaceTrack(track);
  }

  private async negotiate(pc: RTCPeerConnection, iceRestart: boolean): Promise<void> {
    try {
      await pc.setLocalDescription(await pc.createOffer({ iceRestart }));
      const sdp = await this.on.offer(pc.localDescription?.sdp ?? '');
      if (pc !== this.pc) return;
      await pc.setRemoteDescription({ type: 'answer', sdp: tuneOpus(sdp) });
      this.agreed = true;
      this.encoders();
    } catch (err) {
      // With the socket gone there is nobody to ask; its return starts us again.
      const alone = err instanceof Refusal && err.code === 'socket.lost';
      if (pc === this.pc && !alone) this.again(pc);
    }
  }

  private changed(pc: RTCPeerConnection): void {
    if (pc !== this.pc) return;
    switch (pc.connectionState) {
      case 'connected':
        clearTimeout(this.timer);
        this.backoff.reset();
        this.trouble = 'lost'; // what any trouble from now on is
        this.introduce();
        return this.on.state('up');
      case 'disconnected':
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.mend(pc), grace);
        return;
      case 'failed':
        return this.failed(pc);
    }
  }

  /** mend restarts ICE; if that does not help, a new PeerConnection will. */
  private mend(pc: RTCPeerConnection): void {
    clearTimeout(this.timer);
    this.on.state('lost');
    this.timer = setTimeout(() => this.failed(pc), firstTry);
    void this.negotiate(pc, true);
  }

  private failed(pc: RTCPeerConnection): void {
    if (pc !== this.pc) return;
    this.trouble ??= 'blocked';
    this.on.state(this.trouble);
    this.again(pc);
  }

  private again(pc: RTCPeerConnection): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => pc === this.pc && this.start(this.lines), this.backoff.next());
  }

  /** introduce lets the camera's smallest pictures out until one has been sent, once there is a camera and a way. */
  private introduce(): void {
    const sender = this.senders.get('camera');
    if (this.introducing || !sender || !this.tracks.get('camera') || this.pc?.connectionState !== 'connected') return;
    this.introducing = setInterval(() => void this.introduceBy(sender), introduction);
  }

  private async introduceBy(sender: RTCRtpSender): Promise<void> {
    const sent = await hasSent(sender);
    if (!sent || sender !== this.senders.get('camera')) return;
    clearInterval(this.introducing);
    this.introduced = true;
    this.encoders();
  }

  /** wanted says whether a layer is asked for; without a list all are, and so is what is no layer. */
  private wanted(rid: string | undefined): boolean {
    return rid === undefined || !this.active.layers || this.active.layers.includes(rid);
  }

  private encoders(): void {
    for (const kind of ['camera', 'content'] as const) {
      const sender = this.senders.get(kind);
      const parameters = sender?.getParameters();
      if (!sender || !parameters?.encodings?.length) continue;
      parameters.degradationPreference = kind === 'content' ? 'maintain-resolution' : 'balanced';
      const last = layersOf(this.tracks.get(kind)) - 1;
      parameters.encodings.forEach((encoding, i) => {
        const unsaid = kind === 'camera' && i === 0 && !this.introduced && Boolean(this.tracks.get(kind));
        encoding.active = unsaid || (this.active[kind] && this.wanted(encoding.rid));
        if (encoding.rid !== undefined) encoding.scaleResolutionDownBy = 2 ** Math.max(0, last - i);
      });
      // A description being set meanwhile voids the parameters; negotiate applies them again.
      sender.setParameters(parameters).catch(() => undefined);
    }
  }
}

/** hasSent says whether a sender has sent a packet (W3C webrtc-stats, packetsSent). */
async function hasSent(sender: RTCRtpSender): Promise<boolean> {
  for (const s of (await sender.getStats()).values()) {
    if (s.type === 'outbound-rtp' && s.packetsSent > 0) return true;
  }
  return false;
}

/** What the bridge carries: VP8, and the H.264 of room kits in constrained baseline (RFC 6184 §8.1). */
const PICTURES = /^video\/(vp8|rtx|h264 (?=.*profile-level-id=42e01f)(?=.*packetization-mode=1))/i;

function receivers(pc: RTCPeerConnection, media: 'audio' | 'video', count: number): MediaStream[] {
  return Array.from({ length: count }, () => {
    const transceiver = pc.addTransceiver(media, { direction: 'recvonly' });
    prefer(transceiver, media === 'video' ? PICTURES : /^audio\/(opus|red)/i);
    return new MediaStream([transceiver.receiver.track]);
  });
}

/** prefer keeps the offer small: only what the bridge carries. */
function prefer(transceiver: RTCRtpTransceiver, wanted: RegExp): void {
  const media = transceiver.receiver.track.kind;
  const codecs = RTCRtpReceiver.getCapabilities?.(media)?.codecs.filter((c) =>
    wanted.test(`${c.mimeType} ${c.sdpFmtpLine ?? ''}`),
  );
  if (codecs?.length) transceiver.setCodecPreferences?.(codecs);
}
