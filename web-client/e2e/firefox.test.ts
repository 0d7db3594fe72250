// Firefox and Chromium in one meeting, both ways: a room and the chair's tablet
// in stock Firefox, another room in Chromium. Then what each browser says about
// what it is sent, as the bridge has counted it: estimates of a line are made
// from it, and one that is expected and never comes leaves a line unmeasured.
// In the end their firewall lets no UDP through, and both take ICE-TCP on the
// same port number (RFC 6544).

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launchFirefox } from './harness/browser.ts';
import { toneHz } from './harness/capture.ts';
import { hearsOnly, showsPoints } from './harness/checks.ts';
import { Cleanup } from './harness/cleanup.ts';
import { play } from './harness/film.ts';
import { Firewall } from './harness/firewall.ts';
import { Chair, Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';
import { pathProtocols } from './harness/sound.ts';
import { until } from './harness/wait.ts';

const cleanup = new Cleanup();
let bridge: Bridge;
let fox: Room;
let other: Room;
let chair: Chair;

beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
  const context = await launchFirefox(cleanup, { viewport: { width: 960, height: 540 } });
  await play(context, { room: 2, hz: toneHz(2), as: 'camera' });
  fox = await Room.sit(context, bridge, 2);
  chair = await Chair.enter(context.browser() as Browser, bridge);
  other = await Room.enter(cleanup, bridge, 3);
});
afterAll(() => cleanup.run());

/** said is how often the browser of a point has sent this kind of feedback. */
const said = (room: Room, kind: string) =>
  bridge.metric('giaoban_media_feedback_total', { point: pointOf(room.number).id, kind });

/**
 * repairs is whether a browser takes RTX (RFC 4588), how many packets it says
 * it has got so, which Firefox does not say, and which requests of the bridge
 * its camera has answered.
 */
function repairs({ page }: Room) {
  return page.evaluate(async () => {
    const seen = { takesRTX: false, rtx: 0, pli: 0, reported: false };
    for (const peer of window.giaobanProbe.peers) {
      seen.takesRTX ||= /^a=rtpmap:\d+ rtx\//m.test(peer.remoteDescription?.sdp ?? '');
      for (const report of (await peer.getStats()).values()) {
        if (report.type === 'inbound-rtp') seen.rtx += report.retransmittedPacketsReceived ?? 0;
        if (report.type === 'outbound-rtp') seen.pli += report.pliCount ?? 0;
        if (report.type === 'remote-inbound-rtp') seen.reported = true;
      }
    }
    return seen;
  });
}

describe('a meeting of Firefox and Chromium', () => {
  it('shows each the pictures of both', async () => {
    const tiles = [3, 2].map((n) => ({ kind: 'point', point: pointOf(n).id }));
    await bridge.command('layout.set', { audience: 'all', layout: { kind: '1+1', tiles } });
    for (const p of [fox, other]) await showsPoints(p, [3, 2]);
  });

  it('lets the room in Firefox speak when the chair in Firefox invites it, and be heard in Chromium', async () => {
    await fox.ask();
    await chair.reads(pointOf(2).name);
    await hearsOnly(other, []);
    await chair.press(/Mời điểm cầu tiếp theo/);
    await fox.reads('MỜI PHÁT BIỂU');
    await fox.ok();
    await hearsOnly(other, [2]);
    await showsPoints(chair, [2]);
    await chair.press(/Kết thúc phát biểu/);
    await fox.reads(/HẾT LƯỢT PHÁT BIỂU|MICRO TẮT/);
    await hearsOnly(other, []);
  });

  it('lets Firefox hear a room in Chromium', async () => {
    await bridge.command('floor.grant', { floor: 'speech', point: pointOf(3).id });
    await other.reads('MỜI PHÁT BIỂU');
    await other.ok();
    await hearsOnly(fox, [3]);
  });

  it('has both ask again for what a line loses, and say what the line takes', async () => {
    const line = Firewall.lose(cleanup, bridge.mediaPort, 10);
    const kinds = ['report', 'remb', 'nack', 'transport_cc', 'pli', 'fir'];
    const counts = async () => {
      const seen: Record<string, Record<string, number>> = {};
      for (const [name, room] of Object.entries({ firefox: fox, chromium: other })) {
        seen[name] = {};
        for (const kind of kinds) Object.assign(seen[name], { [kind]: await said(room, kind) });
      }
      return seen;
    };
    const resent = () => bridge.metric('giaoban_media_resent_total');
    const before = await resent();
    const seen = await until(
      'both to report, to estimate, to ask again and to be answered',
      async () => {
        const now = await counts();
        const asked = Object.values(now).every((c) => c.report && c.remb && c.nack);
        return asked && (await repairs(other)).rtx > 0 && (await resent()) > before && now;
      },
      { seen: async () => [await counts(), await repairs(fox), await repairs(other)] },
    );
    line.mend();
    const mended = { firefox: await repairs(fox), chromium: await repairs(other) };
    process.stdout.write(`${JSON.stringify({ said: seen, mended })}\n`);
    // One keyframe serves many: a slot begins with the last one sent again, if it is young.
    const asked = mended.firefox.pli + mended.chromium.pli;
    const replayed = await bridge.metric('giaoban_media_keyframes_replayed_total');
    expect(asked + replayed, 'keyframes asked for, and sent again').toBeGreaterThan(0);
    for (const camera of Object.values(mended)) {
      expect(camera.takesRTX).toBe(true);
      expect(camera.reported, 'and told it what arrives').toBe(true);
    }
    for (const browser of Object.values(seen)) {
      expect(browser.transport_cc, 'nothing asks for it on the way down').toBe(0);
      expect(browser.fir, 'pictures are asked for by PLI').toBe(0);
    }
    for (const p of [fox, other]) await showsPoints(p, [3, 2]);
  });

  it('goes on over TCP where UDP is blocked', async () => {
    const firewall = Firewall.blockUDP(cleanup, bridge.mediaPort);
    for (const room of [fox, other]) await room.page.reload();
    for (const room of [fox, other]) await room.connected();
    await other.reads('ĐÃ KẾT NỐI LẠI');
    await other.ok();
    for (const p of [fox, other]) await showsPoints(p, [3, 2]);
    await hearsOnly(fox, [3]);
    for (const room of [fox, other]) expect(await pathProtocols(room.page), room.name).toEqual(['tcp']);
    expect(firewall.dropped(), 'UDP was tried, and stopped').toBeGreaterThan(0);
  });
});
