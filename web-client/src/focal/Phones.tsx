// Whom to call: one key for each number.
import { t } from '../i18n/i18n';
import { Icon } from '../ui/icons';
import type { Focal } from './focal';

/** Phones lists the controller's support and what the catalogue knows of the point. */
export function Phones({ focal }: { focal: Focal }) {
  const { state } = focal.page;
  const own = state.own.value;
  const card = own ? state.row(own.point).value?.card : undefined;
  const people = [
    ...(own?.support ? [{ what: t('before.support'), ...own.support }] : []),
    ...(card?.carrier ? [{ what: t('foc.cause.line'), name: card.carrier, phone: card.carrierPhone }] : []),
    ...(card?.officers ?? []).map((o) => ({ what: t('before.officer'), ...o })),
  ].filter((p) => p.phone);
  return (
    <>
      <h2>{t('foc.phones')}</h2>
      {people.length === 0 && <p>{t('foc.nophones')}</p>}
      <ul class="people">
        {people.map((p) => (
          <li key={p.what + p.phone}>
            <span>
              <small>{p.what}</small>
              {p.name} <span class="num">{p.phone}</span>
            </span>
            <a href={`tel:${(p.phone ?? '').replace(/[^+\d]/g, '')}`} aria-label={t('foc.callit', { who: p.name })}>
              <Icon name="phone" />
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
