// One frame of the test picture, drawn alike by the page and by its worker.

/** Subject is whose test picture it is. */
export interface Subject {
  name: string;
  /** Turns the colour and the pitch, so that rooms can be told apart. */
  number: number;
}

/** The size of the picture, in pixels, and the time between frames. */
export const size = { width: 1280, height: 720 };
export const frameMs = 66;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** draw paints one frame: bars, the unit's name, the time, and a mark that runs once a second. */
export function draw(context: Context, subject: Subject, now: number): void {
  const { width, height } = size;
  const hue = (subject.number * 47) % 360;
  context.fillStyle = `hsl(${hue} 22% 20%)`;
  context.fillRect(0, 0, width, height);
  for (let bar = 0; bar < 8; bar++) {
    context.fillStyle = `hsl(${hue + bar * 12} 30% ${16 + bar * 3}%)`;
    context.fillRect((bar * width) / 8, height * 0.78, width / 8, height * 0.12);
  }
  const font = '"Be Vietnam Pro", "Noto Sans", "Segoe UI", system-ui, sans-serif';
  context.textAlign = 'center';
  context.fillStyle = '#f3f5f2';
  context.font = `600 64px ${font}`;
  context.fillText(subject.name, width / 2, height * 0.36, width * 0.9);
  const at = new Date(now);
  const tenth = Math.floor(at.getMilliseconds() / 100);
  context.font = `700 128px ${font}`;
  context.fillText(`${at.toTimeString().slice(0, 8)}.${tenth}`, width / 2, height * 0.64);
  context.fillStyle = '#f3f5f2';
  context.fillRect((at.getMilliseconds() / 1000) * width - 12, height * 0.78, 24, height * 0.12);
}
