/** keepAwake asks the screen to stay on, again whenever the page is looked at. */
export function keepAwake(): void {
  const ask = () => {
    // A browser without it, or one short of power, leaves the screen to the room.
    if (document.visibilityState === 'visible') navigator.wakeLock?.request('screen').catch(() => undefined);
  };
  ask();
  document.addEventListener('visibilitychange', ask);
}
