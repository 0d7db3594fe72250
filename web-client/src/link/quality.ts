// How good the line is, in one word a room understands: good or weak.

/** Above these a picture is seen to suffer. */
const lossLimit = 0.05;
const delayLimit = 0.6;
/** Fewer packets than this say nothing about loss. */
const enough = 50;

/** What of a statistics report matters here. */
interface Stat {
  type: string;
  packetsLost?: number;
  packetsReceived?: number;
  fractionLost?: number;
  currentRoundTripTime?: number;
  nominated?: boolean;
}

/** Quality compares each report with the one before. */
export class Quality {
  private lost = 0;
  private received = 0;

  /** weak takes a report and tells whether the line has been weak since the last one. */
  weak(report: Iterable<Stat>): boolean {
    let lost = 0;
    let received = 0;
    let trouble = false;
    for (const s of report) {
      if (s.type === 'inbound-rtp') {
        lost += s.packetsLost ?? 0;
        received += s.packetsReceived ?? 0;
      }
      if (s.type === 'remote-inbound-rtp') trouble ||= (s.fractionLost ?? 0) > lossLimit;
      if (s.type === 'candidate-pair' && s.nominated) trouble ||= (s.currentRoundTripTime ?? 0) > delayLimit;
    }
    const missed = lost - this.lost;
    const all = missed + received - this.received;
    this.lost = lost;
    this.received = received;
    return trouble || (all >= enough && missed / all > lossLimit);
  }
}
