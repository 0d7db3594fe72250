// Times as people read them: 24 hours, dd/MM/yyyy, in the browser's time zone.
const two = (n: number) => String(n).padStart(2, '0');

/** clock gives HH:MM:SS of a time in Unix milliseconds. */
export function clock(ms: number): string {
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** hour gives HH:MM. */
export function hour(ms: number): string {
  return clock(ms).slice(0, 5);
}

/** date gives dd/MM/yyyy. */
export function date(ms: number): string {
  const d = new Date(ms);
  return `${two(d.getDate())}/${two(d.getMonth() + 1)}/${d.getFullYear()}`;
}

/** span gives a length of time as MM:SS, or H:MM:SS from an hour on; never negative. */
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return s < 3600 ? rest : `${Math.floor(s / 3600)}:${rest}`;
}
