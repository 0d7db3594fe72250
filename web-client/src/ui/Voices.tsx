// The voices: one <audio> for each voice slot, made once per stream. When the
// browser will not play before a press, blocked says so, and unblock plays.
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

const players = new Set<HTMLAudioElement>();

/** blocked tells that the browser waits for a press before it plays sound. */
export const blocked = signal(false);

/** unblock plays every voice; call it from a press. */
export function unblock(): void {
  blocked.value = false;
  for (const player of players) play(player);
}

function play(player: HTMLAudioElement): void {
  player.play().catch((err: unknown) => {
    if (err instanceof DOMException && err.name === 'NotAllowedError') blocked.value = true;
  });
}

const output = 'giaoban.output';

/** sink is the output this machine's sound is fixed to, "" for the system's own. */
export function sink(): string {
  return localStorage.getItem(output) ?? '';
}

/** setSink fixes the output, now and after every start. */
export function setSink(id: string): void {
  localStorage.setItem(output, id);
  for (const player of players) direct(player);
}

/** An output that is gone leaves the sound on the system's own. */
function direct(player: HTMLAudioElement): void {
  if ('setSinkId' in player) player.setSinkId(sink()).catch(() => undefined);
}

/** Voices plays every voice slot; muted keeps the players but not their sound. */
export function Voices({ streams, muted }: { streams: MediaStream[]; muted: boolean }) {
  return (
    <div hidden>
      {streams.map((stream, index) => (
        <Voice key={index} index={index} stream={stream} muted={muted} />
      ))}
    </div>
  );
}

function Voice({ index, stream, muted }: { index: number; stream: MediaStream; muted: boolean }) {
  const audio = useRef<HTMLAudioElement>(null);
  useLayoutEffect(() => {
    const el = audio.current;
    if (!el) return;
    players.add(el);
    el.muted = muted;
    if (el.srcObject !== stream) el.srcObject = stream;
    if (sink()) direct(el);
    play(el);
    return () => {
      players.delete(el);
    };
  }, [stream, muted]);
  // biome-ignore lint/a11y/useMediaCaption: live speech of a meeting has no captions
  return <audio ref={audio} data-voice={index} />;
}
