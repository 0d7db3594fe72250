// Devices that can be pulled out and put back: the files Chromium plays as a
// camera and a microphone cannot, so the page is told what a browser tells
// it: the track ends, the list changes, and asking again fails until the
// device is back.

declare global {
  interface Window {
    giaobanPlug: { out(kind: 'video' | 'audio'): void; back(kind: 'video' | 'audio'): void };
  }
}

/** installPlug is serialised into the page before its own scripts; it uses nothing from outside itself. */
export function installPlug(): void {
  const media = navigator.mediaDevices;
  if (!media) return;
  const gone = new Set<string>();
  const given: MediaStreamTrack[] = [];
  const ask = media.getUserMedia.bind(media);
  const list = media.enumerateDevices.bind(media);
  media.getUserMedia = async (wanted = {}) => {
    for (const kind of gone) {
      if (wanted[kind as 'video' | 'audio']) throw new DOMException('no such device', 'NotFoundError');
    }
    const stream = await ask(wanted);
    given.push(...stream.getTracks());
    return stream;
  };
  media.enumerateDevices = async () => (await list()).filter((d) => !gone.has(d.kind.replace('input', '')));
  window.giaobanPlug = {
    out(kind) {
      gone.add(kind);
      for (const track of given.splice(0)) {
        if (track.kind !== kind) {
          given.push(track);
          continue;
        }
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
      media.dispatchEvent(new Event('devicechange'));
    },
    back(kind) {
      gone.delete(kind);
      media.dispatchEvent(new Event('devicechange'));
    },
  };
}
