// What a page hears, measured on the tracks it received: how loud each known
// tone is (Goertzel on the decoded samples), and how many bytes of audio
// payload ever arrived (RFC 8834 stats).

import type { Page } from 'playwright-core';

/** The sound of one moment, over all received tracks of a page. */
export interface Sound {
  /** The amplitude of each asked tone, 0 to 1, the loudest track's. */
  tones: number[];
  /** The root mean square of everything, the loudest track's. */
  rms: number;
}

/** listen measures what the page receives now. */
export function listen(page: Page, tonesHz: number[]): Promise<Sound> {
  return page.evaluate((hz) => {
    const probe = window.giaobanProbe;
    probe.audio ??= new AudioContext();
    void probe.audio.resume();
    const sound = { tones: hz.map(() => 0), rms: 0 };
    for (const peer of probe.peers) {
      if (peer.connectionState !== 'connected') continue;
      for (const { track } of peer.getReceivers()) {
        if (track.kind !== 'audio' || track.readyState !== 'live') continue;
        let ear = probe.ears.get(track);
        if (!ear) {
          ear = new AnalyserNode(probe.audio, { fftSize: 8192 });
          probe.audio.createMediaStreamSource(new MediaStream([track])).connect(ear);
          probe.ears.set(track, ear);
        }
        const samples = new Float32Array(ear.fftSize);
        ear.getFloatTimeDomainData(samples);
        const energy = samples.reduce((sum, x) => sum + x * x, 0);
        sound.rms = Math.max(sound.rms, Math.sqrt(energy / samples.length));
        for (const [i, f] of hz.entries()) {
          const c = 2 * Math.cos((2 * Math.PI * f) / probe.audio.sampleRate);
          let s1 = 0;
          let s2 = 0;
          for (const [n, x] of samples.entries()) {
            // A Hann window, so that a strong tone does not leak into its neighbours.
            const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length);
            const s0 = x * w + c * s1 - s2;
            s2 = s1;
            s1 = s0;
          }
          const power = Math.max(0, s1 * s1 + s2 * s2 - c * s1 * s2);
          const amplitude = (4 * Math.sqrt(power)) / samples.length;
          sound.tones[i] = Math.max(sound.tones[i] ?? 0, amplitude);
        }
      }
    }
    return sound;
  }, tonesHz);
}

/** soundBegins waits until any track the page receives sounds, and says when, in milliseconds since 1970. */
export function soundBegins(page: Page): Promise<number> {
  return page.evaluate(() => {
    const probe = window.giaobanProbe;
    probe.audio ??= new AudioContext();
    void probe.audio.resume();
    const ears: AnalyserNode[] = [];
    for (const peer of probe.peers) {
      if (peer.connectionState !== 'connected') continue;
      for (const { track } of peer.getReceivers()) {
        if (track.kind !== 'audio' || track.readyState !== 'live') continue;
        const ear = new AnalyserNode(probe.audio, { fftSize: 512 });
        probe.audio.createMediaStreamSource(new MediaStream([track])).connect(ear);
        ears.push(ear);
      }
    }
    const samples = new Float32Array(512);
    return new Promise<number>((resolve) => {
      const timer = setInterval(() => {
        for (const ear of ears) {
          ear.getFloatTimeDomainData(samples);
          if (!samples.some((x) => Math.abs(x) > 0.01)) continue;
          clearInterval(timer);
          for (const e of ears) e.disconnect();
          resolve(performance.timeOrigin + performance.now());
          return;
        }
      }, 5);
    });
  });
}

/** audioBytes is the audio payload the page's PeerConnection has received since it was made. */
export function audioBytes(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let bytes = 0;
    for (const peer of window.giaobanProbe.peers) {
      if (peer.connectionState !== 'connected') continue;
      for (const report of (await peer.getStats()).values()) {
        if (report.type === 'inbound-rtp' && report.kind === 'audio') bytes += report.bytesReceived;
      }
    }
    return bytes;
  });
}

/** audioSent is the audio the page's PeerConnection has sent: packets, and the payload bytes in them. */
export function audioSent(page: Page): Promise<{ packets: number; bytes: number }> {
  return page.evaluate(async () => {
    const sent = { packets: 0, bytes: 0 };
    for (const peer of window.giaobanProbe.peers) {
      if (peer.connectionState !== 'connected') continue;
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== 'outbound-rtp' || report.kind !== 'audio') continue;
        sent.packets += report.packetsSent;
        sent.bytes += report.bytesSent;
      }
    }
    return sent;
  });
}

/** pathProtocols is the transport of each nominated candidate pair: "udp" or "tcp". */
export function pathProtocols(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const protocols: string[] = [];
    for (const peer of window.giaobanProbe.peers) {
      if (peer.connectionState !== 'connected') continue;
      const stats = await peer.getStats();
      const reports = [...stats.values()];
      const chosen = new Set(reports.filter((r) => r.type === 'transport').map((r) => r.selectedCandidatePairId));
      for (const pair of reports.filter((r) => chosen.has(r.id)))
        protocols.push(stats.get(pair.localCandidateId).protocol);
    }
    return protocols;
  });
}
