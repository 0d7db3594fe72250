// How long a sound takes from one page to another: a room's microphone is
// replaced by a tone that begins at a known moment, and the other page listens
// for it as a loudspeaker would, after everything that a browser does to sound.
// Both browsers run on this machine, so their clock is one.

import type { Page } from 'playwright-core';
import { toneHz } from './capture.ts';
import { listen, soundBegins } from './sound.ts';
import { until } from './wait.ts';

/** mouthToEar strikes a tone in one page a number of times and gives how long each took to the other, in milliseconds. */
export async function mouthToEar(from: Page, to: Page, number: number, times: number): Promise<number[]> {
  const hz = toneHz(number);
  const took: number[] = [];
  await hold(from, hz);
  for (let n = 0; n < times; n++) {
    await until('silence before the tone', async () => (await listen(to, [hz])).rms < 0.001);
    const heard = soundBegins(to);
    const struck = await strike(from);
    took.push((await heard) - struck);
    await rest(from);
  }
  await release(from);
  return took;
}

/** hold puts a silent tone in the place of the microphone. */
function hold(page: Page, hz: number): Promise<void> {
  return page.evaluate(async (hz) => {
    const probe = window.giaobanProbe;
    const microphone = probe.peers.flatMap((p) => p.getSenders()).find((s) => s.track?.kind === 'audio');
    if (!microphone) throw new Error('the page sends no microphone');
    const audio = new AudioContext();
    await audio.resume();
    const gain = new GainNode(audio, { gain: 0 });
    const mouth = new MediaStreamAudioDestinationNode(audio, { channelCount: 1 });
    const tone = new OscillatorNode(audio, { frequency: hz });
    tone.connect(gain).connect(mouth);
    tone.start();
    probe.voice = { audio, gain, microphone, track: microphone.track };
    await microphone.replaceTrack(mouth.stream.getAudioTracks()[0] ?? null);
  }, hz);
}

/** strike begins the tone, when the other page listens, and says when, in milliseconds since 1970. */
function strike(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const voice = window.giaobanProbe.voice;
    if (!voice) throw new Error('no tone is held');
    await new Promise((done) => setTimeout(done, 300 + 20 * Math.random())); // at no beat of anything
    voice.gain.gain.value = 0.5;
    return performance.timeOrigin + performance.now();
  });
}

function rest(page: Page): Promise<void> {
  return page.evaluate(() => {
    const voice = window.giaobanProbe.voice;
    if (voice) voice.gain.gain.value = 0;
  });
}

/** release gives the room its microphone back. */
function release(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const voice = window.giaobanProbe.voice;
    await voice?.microphone.replaceTrack(voice.track);
    await voice?.audio.close();
  });
}
