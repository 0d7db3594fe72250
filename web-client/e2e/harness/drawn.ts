// Media without a network: a PeerConnection whose streams are drawn on
// canvases, and stills of rooms. It runs inside the page.

declare global {
  interface Window {
    giaobanStills(ids: string[]): { point: string; atMs: number; jpeg: string }[];
  }
}

/** drawMedia replaces the page's RTCPeerConnection; it is given to the browser as it stands. */
export function drawMedia(): void {
  const room = (pen: CanvasRenderingContext2D, seed: number, w: number, h: number) => {
    const hue = [30, 210, 160, 20, 260, 190][seed % 6];
    pen.fillStyle = `hsl(${hue} 14% ${22 + (seed % 4) * 5}%)`;
    pen.fillRect(0, 0, w, h);
    pen.fillStyle = seed % 3 ? '#5d2323' : '#23405d';
    pen.fillRect(w * 0.22, 0, w * 0.56, h * 0.24);
    pen.fillStyle = '#d9b65a';
    pen.fillRect(w * 0.34, h * 0.11, w * 0.32, h * 0.03);
    const people = 1 + (seed % 5);
    for (let i = 0; i < people; i++) {
      const x = (w * (i + 1)) / (people + 1);
      const size = h * (people > 3 ? 0.055 : 0.08);
      pen.fillStyle = ['#2b3550', '#3a3a3a', '#5a4632', '#2f4a3a'][(seed + i) % 4] ?? '#333';
      pen.fillRect(x - size * 1.5, h * 0.52, size * 3, h * 0.3);
      pen.fillStyle = '#b98a68';
      pen.beginPath();
      pen.arc(x, h * 0.46, size, 0, 7);
      pen.fill();
      pen.fillStyle = '#1d1a18';
      pen.fillRect(x - size, h * 0.46 - size, size * 2, size * 0.7);
    }
    pen.fillStyle = `hsl(28 28% ${26 + (seed % 3) * 6}%)`;
    pen.fillRect(0, h * 0.74, w, h * 0.26);
  };
  const slide = (pen: CanvasRenderingContext2D, w: number, h: number) => {
    pen.fillStyle = '#f2f0e9';
    pen.fillRect(0, 0, w, h);
    pen.fillStyle = '#1c2420';
    pen.font = `600 ${h * 0.07}px sans-serif`;
    pen.fillText('Tiến độ sắp xếp dân cư vùng sạt lở', w * 0.08, h * 0.2);
    [88, 76, 71, 64, 58, 41, 37].forEach((percent, i) => {
      pen.fillStyle = percent < 50 ? '#b4552d' : '#2f5d50';
      const top = h * 0.88 - (h * 0.6 * percent) / 100;
      pen.fillRect(w * (0.08 + i * 0.12), top, w * 0.09, h * 0.88 - top);
    });
  };
  const seedOf = (id: string) => [...id].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 997, 7);
  const canvas = (w: number, h: number) => Object.assign(document.createElement('canvas'), { width: w, height: h });

  window.giaobanStills = (ids) => {
    const board = canvas(128, 72);
    const pen = board.getContext('2d') as CanvasRenderingContext2D;
    return ids.map((point) => {
      room(pen, seedOf(point), 128, 72);
      return { point, atMs: 0, jpeg: board.toDataURL('image/jpeg', 0.6).split(',')[1] ?? '' };
    });
  };

  class Drawn extends EventTarget {
    private made = 0;
    connectionState = 'new';
    localDescription: { sdp: string } | undefined;
    onconnectionstatechange: (() => void) | null = null;
    addTransceiver(what: string | MediaStreamTrack, { direction }: RTCRtpTransceiverInit = {}) {
      let track: MediaStreamTrack | undefined;
      if (what === 'video' && direction === 'recvonly') {
        const board = canvas(480, 270);
        const pen = board.getContext('2d') as CanvasRenderingContext2D;
        const seed = this.made++;
        // A tablet and a second monitor show people; elsewhere the first picture is the presentation.
        const slides = seed === 0 && !['/chair', '/monitor'].includes(location.pathname);
        const draw = () => (slides ? slide(pen, 480, 270) : room(pen, seed * 7 + 3, 480, 270));
        draw();
        track = board.captureStream(2).getVideoTracks()[0];
        setInterval(draw, 1000);
      } else {
        track = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
      }
      const sender = {
        replaceTrack: async () => 0,
        getParameters: () => ({ encodings: [] }),
        setParameters: async () => 0,
      };
      return { receiver: { track }, sender };
    }
    async createOffer() {
      return { type: 'offer', sdp: 'v=0' };
    }
    async setLocalDescription(d: { sdp: string }) {
      this.localDescription = d;
    }
    async setRemoteDescription() {
      this.connectionState = 'connected';
      this.onconnectionstatechange?.();
      this.dispatchEvent(new Event('connectionstatechange'));
    }
    async getStats() {
      return new Map();
    }
    close() {
      this.connectionState = 'closed';
    }
  }
  (window as unknown as { RTCPeerConnection: unknown }).RTCPeerConnection = Drawn;
}
