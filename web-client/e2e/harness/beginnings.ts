// Whether the first frame of every new source is one a decoder can begin with.
// A decoder says nothing when it is not: it goes on from what it has, and shows
// a ruin.

/** Beginnings counts the first frames that the server announced, by what they were. */
export interface Beginnings {
  key: number;
  delta: number;
}

declare global {
  interface Window {
    giaobanBeginnings: Beginnings;
  }
}

/**
 * watchBeginnings looks at every encoded picture of a page that sends none. It is
 * serialised into the page, before the page's own scripts and after the probe.
 */
export function watchBeginnings(): void {
  window.giaobanBeginnings = { key: 0, delta: 0 };
  const slots: { frames: Map<number, 'key' | 'delta'>; announced: Set<number> }[] = [];
  const slot = (index: number) => {
    slots[index] ??= { frames: new Map(), announced: new Set() };
    return slots[index];
  };
  const judge = ({ frames, announced }: ReturnType<typeof slot>) => {
    for (const stamp of announced) {
      const type = frames.get(stamp);
      if (!type) continue;
      window.giaobanBeginnings[type]++;
      announced.delete(stamp);
    }
  };

  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => {
        const { t, d } = JSON.parse(data);
        if (t !== 'slot.live' || !d.source) return;
        slot(d.slot).announced.add(d.rtpTs);
        judge(slot(d.slot));
      });
    }
  };

  interface EncodedFrame {
    type: 'key' | 'delta' | 'empty';
    timestamp: number;
  }
  interface EncodedStreams {
    readable: ReadableStream<EncodedFrame>;
    writable: WritableStream<EncodedFrame>;
  }
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, encodedInsertableStreams: true } as RTCConfiguration);
      this.addEventListener('track', ({ receiver, transceiver, track }) => {
        const videos = this.getTransceivers().filter((t) => t.receiver.track.kind === 'video');
        const of = slot(videos.indexOf(transceiver));
        const encoded = (receiver as unknown as { createEncodedStreams(): EncodedStreams }).createEncodedStreams();
        const look = new TransformStream<EncodedFrame, EncodedFrame>({
          transform(frame, out) {
            out.enqueue(frame);
            if (track.kind !== 'video' || frame.type === 'empty') return;
            of.frames.set(frame.timestamp, frame.type);
            judge(of);
          },
        });
        void encoded.readable.pipeThrough(look).pipeTo(encoded.writable);
      });
    }
  };
}
