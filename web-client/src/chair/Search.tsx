// Any point of the meeting, found by name or number without marks.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { lamp } from '../state/worst';
import { Lamp } from '../ui/icons';
import type { RosterRow } from '../wire';
import type { Tablet } from './tablet';

/** Search covers the screen until a point is chosen. */
export function Search({ tablet }: { tablet: Tablet }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const close = () => {
    tablet.searching.value = false;
    tablet.query.value = '';
  };
  return (
    <dialog ref={dialog} class="search" data-testid="search-dialog" onClose={close} aria-label={t('ch.inviteOther')}>
      <div class="line">
        <input
          type="search"
          data-testid="search"
          placeholder={t('ch.search')}
          aria-label={t('ch.search')}
          value={tablet.query.value}
          onInput={(e) => {
            tablet.query.value = e.currentTarget.value;
          }}
        />
        <button type="button" class="key" data-act="close" onClick={close}>
          {t('ch.back')}
        </button>
      </div>
      <div class="found">
        {tablet.found().map((row) => (
          <Found key={row.id} row={row} tablet={tablet} />
        ))}
      </div>
    </dialog>
  );
}

function Found({ row, tablet }: { row: RosterRow; tablet: Tablet }) {
  const here = row.presence === 'present';
  return (
    <button
      type="button"
      class="key"
      data-testid="found"
      data-point={row.id}
      disabled={!here}
      onClick={() => void tablet.invite(row.id)}
    >
      <Lamp is={lamp(row)} />
      <span class="num">{number(row.number)}</span>
      <span class="name">
        {row.name}
        <small>{here ? row.parent : t(row.presence === 'lost' ? 'point.lost' : 'point.absent')}</small>
      </span>
    </button>
  );
}
