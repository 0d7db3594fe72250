// Draws the test picture away from the page, whose timers sleep in a hidden tab.
import { draw, frameMs, type Subject, size } from './testframe';

interface Start {
  subject: Subject;
  writable: WritableStream<VideoFrame>;
}

addEventListener('message', (e: MessageEvent<Start>) => {
  const { subject, writable } = e.data;
  const context = new OffscreenCanvas(size.width, size.height).getContext('2d');
  if (!context) return;
  const writer = writable.getWriter();
  setInterval(() => {
    // A page that is behind gets no frame rather than a late one.
    if ((writer.desiredSize ?? 0) <= 0) return;
    draw(context, subject, Date.now());
    const frame = new VideoFrame(context.canvas, { timestamp: performance.now() * 1000 });
    writer.write(frame).catch(() => frame.close());
  }, frameMs);
});
