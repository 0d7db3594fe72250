// A television's page is drawn 1920 wide and scaled to whatever it is shown on.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** useScale follows the window's size. */
export function useScale() {
  const scale = useSignal(scaleNow());
  useEffect(() => {
    const resize = () => {
      scale.value = scaleNow();
    };
    addEventListener('resize', resize);
    return () => removeEventListener('resize', resize);
  }, [scale]);
  return scale;
}

function scaleNow() {
  const by = Math.min(innerWidth / 1920, innerHeight / 1080) || 1;
  return { by, width: innerWidth / by, height: innerHeight / by };
}
