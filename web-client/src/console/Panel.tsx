// One thing over the desk at a time: a dialog that Esc and its key close.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/i18n';

interface Props {
  name: string;
  title: string;
  sub?: string;
  wide?: boolean;
  close: () => void;
  children: ComponentChildren;
}

/** Panel is a native dialog: the browser keeps the focus inside it and gives it back. */
export function Panel({ name, title, sub, wide, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} class={`panel ${wide ? 'is-wide' : ''}`} data-testid={name} aria-label={title} onClose={close}>
      <header class="h">
        <h2>{title}</h2>
        {sub && <span class="q">{sub}</span>}
        <button type="button" class="key r" data-act="close" onClick={close}>
          {t('desk.close')} <span class="cap">Esc</span>
        </button>
      </header>
      {children}
    </dialog>
  );
}
