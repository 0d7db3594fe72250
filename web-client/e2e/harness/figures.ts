// Figures that a test measures and does not judge.

import { writeFileSync } from 'node:fs';

/** report prints figures, and keeps them where GIAOBAN_PROVE_CONSOLE_JSON says. */
export function report(figures: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  const file = process.env.GIAOBAN_PROVE_CONSOLE_JSON;
  if (file) writeFileSync(file, `${JSON.stringify(figures)}\n`, { flag: 'a' });
}
