// Lists of points that stay the same list while they hold the same points, so
// that a point's change draws its row and not the list.
import { type ReadonlySignal, useComputed } from '@preact/signals';
import { useRef } from 'preact/hooks';

/** useIds follows a list of ids; its value is a new array only when the ids or their order change. */
export function useIds(list: () => string[]): ReadonlySignal<string[]> {
  const last = useRef<string[]>([]);
  return useComputed(() => {
    const now = list();
    const before = last.current;
    if (now.length !== before.length || now.some((id, i) => id !== before[i])) last.current = now;
    return last.current;
  });
}
