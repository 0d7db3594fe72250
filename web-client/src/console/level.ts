// The level of received voices. One audio context listens to all of them; it
// plays nothing.
const silence = -100;

let context: AudioContext | undefined;
const analysers = new WeakMap<MediaStream, AnalyserNode>();
const samples = new Float32Array(1024);

/** levelOf is how loud a stream is now, in dB of full scale. */
export function levelOf(stream: MediaStream | undefined): number {
  if (!stream?.getAudioTracks().length) return silence;
  const analyser = analysers.get(stream) ?? listen(stream);
  analyser.getFloatTimeDomainData(samples);
  const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
  return power > 0 ? 10 * Math.log10(power) : silence;
}

function listen(stream: MediaStream): AnalyserNode {
  context ??= new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = samples.length;
  context.createMediaStreamSource(stream).connect(analyser);
  analysers.set(stream, analyser);
  return analyser;
}
