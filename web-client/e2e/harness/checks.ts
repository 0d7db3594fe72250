// What the journeys assert again and again, each as a wait for the thing itself.

import { expect } from 'vitest';
import type { Bridge } from './bridge.ts';
import type { Person } from './people.ts';
import { captionOf } from './points.ts';
import { audioSent } from './sound.ts';
import { until } from './wait.ts';

/** Between two photographs of a page: taking one costs the page more than playing does. */
const LOOK_MS = 500;

/** A tile that shows nothing, instead of a point's number. */
export const BLANK = 0;

/**
 * showsPoints waits until the page shows these points in this order, captions
 * and pixels agreeing, and then until every picture has moved on. Points that
 * are absent have a caption and no picture.
 */
export async function showsPoints(person: Person, numbers: number[], absent: number[] = []): Promise<void> {
  let seen: unknown;
  const frames = async () => {
    const shown = await person.sees();
    seen = shown;
    const right = numbers.every((n, i) => {
      const { caption, mark } = shown[i] ?? { caption: '', mark: null };
      if (n === BLANK) return caption === '' && mark === null;
      return caption.includes(captionOf(n)) && (absent.includes(n) ? mark === null : mark?.room === n);
    });
    return right && shown.length === numbers.length ? shown.map((s) => s.mark?.frame) : null;
  };
  const last = { seen: () => seen, everyMs: LOOK_MS };
  const first = await until(`${person.name} to see ${numbers}`, frames, last);
  await until(
    `the pictures of ${person.name} to move`,
    async () => (await frames())?.every((frame, i) => frame === undefined || frame !== first[i]),
    last,
  );
}

/** hearsOnly waits until the page hears the tones of exactly these rooms; of none means silence. */
export async function hearsOnly(person: Person, rooms: number[]): Promise<void> {
  let seen: unknown;
  await until(
    `${person.name} to hear ${rooms.length > 0 ? rooms : 'nobody'}`,
    async () => {
      const sound = await person.hears();
      seen = sound;
      return String(sound.rooms) === String(rooms) && (rooms.length > 0 || sound.silent);
    },
    { seen: () => seen },
  );
}

/** noMoreAudio waits until audio payload has stopped arriving, the closing silence included, and gives the counts. */
export async function noMoreAudio(people: Person[]): Promise<number[]> {
  const read = () => Promise.all(people.map((p) => p.audioBytes()));
  let last: number[] | undefined;
  return until(
    'the last audio payload',
    async () => {
      const now = await read();
      const still = String(now) === String(last);
      last = now;
      return still && now;
    },
    { everyMs: 500, seen: () => last },
  );
}

/**
 * staysClosed sees the cheat's sound turned away at the door, packet by
 * packet, while not one byte of audio reaches the listeners.
 */
export async function staysClosed(bridge: Bridge, cheat: Person, listeners: Person[]): Promise<void> {
  const before = await noMoreAudio(listeners);
  const atTheDoor = () => bridge.metric('giaoban_media_dropped_total', { reason: 'not_permitted' });
  const [turnedAway, sent] = [await atTheDoor(), await audioSent(cheat.page)];
  const now = await until('a hundred packets more of the cheat, all turned away', async () => {
    const more = await audioSent(cheat.page);
    return more.packets > sent.packets + 100 && (await atTheDoor()) > turnedAway + 100 && more;
  });
  expect((now.bytes - sent.bytes) / (now.packets - sent.packets), 'a tone, not comfort noise').toBeGreaterThan(30);
  const after = await Promise.all(listeners.map((p) => p.audioBytes()));
  const figures = { sent: now.packets - sent.packets, turnedAway: (await atTheDoor()) - turnedAway };
  process.stdout.write(
    `${cheat.name}, closed: ${JSON.stringify(figures)}; audio bytes at ${after.length} pages ${before} → ${after}\n`,
  );
  expect(after).toEqual(before);
  for (const p of listeners) expect((await p.hears()).silent, `${p.name} hears nothing`).toBe(true);
}
