// The one thing SDP is touched for. What a browser's Opus encoder does is
// decided by the fmtp of the answer it is given: discontinuous transmission
// keeps a closed microphone at 0.1 kbit/s, in-band FEC mends single losses.
const wanted = { usedtx: '1', useinbandfec: '1', stereo: '0', maxaveragebitrate: '32000' };

/** tuneOpus gives the SDP with our parameters in every Opus fmtp line. */
export function tuneOpus(sdp: string): string {
  const types = new Set([...sdp.matchAll(/^a=rtpmap:(\d+) opus\//gim)].map((m) => m[1]));
  return sdp.replace(/^a=fmtp:(\d+) (.*?)(\r?)$/gm, (line, type: string, params: string, cr: string) => {
    if (!types.has(type)) return line;
    const given = params.split(';').map((p) => p.trim().split('='));
    const merged = Object.entries({ ...Object.fromEntries(given), ...wanted });
    return `a=fmtp:${type} ${merged.map(([k, v]) => `${k}=${v}`).join(';')}${cr}`;
  });
}
