// A key for what a meeting cannot take back: hatched, and held for a second.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { holdMs } from './hold';

interface Props {
  act: string;
  can?: boolean;
  done: () => void;
  children: ComponentChildren;
}

/** Guard acts when a pointer, Space or Enter has held it for a second. */
export function Guard({ act, can = true, done, children }: Props) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const release = () => clearTimeout(timer.current);
  useEffect(() => release, []);
  const hold = () => {
    release();
    timer.current = setTimeout(done, holdMs);
  };
  const holds = (e: KeyboardEvent) => e.code === 'Space' || e.code === 'Enter';
  return (
    <button
      type="button"
      class="key guard"
      data-act={act}
      disabled={!can}
      onPointerDown={hold}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onKeyDown={(e) => {
        if (!holds(e)) return;
        e.stopPropagation();
        if (!e.repeat) hold();
      }}
      onKeyUp={release}
      onBlur={release}
    >
      {children}
    </button>
  );
}
