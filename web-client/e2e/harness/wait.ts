// Waiting for a condition, never for a length of time. Deadlines are generous:
// they end a broken run, they do not measure a good one.

/** The deadline of a wait unless told, in milliseconds. */
export const PATIENCE_MS = 60_000;

/**
 * until asks again and again until the answer is neither null, undefined nor
 * false, and returns it. The error after the deadline says what was awaited
 * and the last thing seen.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  { withinMs = PATIENCE_MS, everyMs = 100, seen = () => '' as unknown } = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let failure = '';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      failure = '';
    } catch (error) {
      failure = `; the last attempt failed: ${error}`;
    }
    if (Date.now() > deadline) {
      const last = await Promise.resolve(seen()).catch((error) => `nothing: ${error}`);
      throw new Error(`waited ${withinMs / 1000} s in vain for ${what}${failure}; last seen: ${JSON.stringify(last)}`);
    }
    await pause(everyMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
