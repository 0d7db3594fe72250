// Where the keyboard goes on the desk.

/** focusField puts the cursor into the field of this name, if it is on screen. */
export function focusField(name: string): void {
  document.querySelector<HTMLElement>(`[data-field="${name}"]`)?.focus();
}

/** focusNext goes up or down inside the list that has the focus, else inside the points. */
export function focusNext(by: number): void {
  const here = document.activeElement?.closest('[data-list]') ?? document.querySelector('[data-list]');
  const items = [...(here?.querySelectorAll<HTMLElement>('[data-item]') ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
  next?.focus();
  next?.click();
}
