// What the chosen point found when it checked itself: signed and timed.
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import type { CheckedView } from '../wire';

const parts = ['camera', 'microphone', 'speaker', 'echo', 'line', 'power'] as const;

/** Checked names what is not good; a point that has checked everything well is one short line. */
export function Checked({ checked }: { checked: CheckedView | undefined }) {
  const check = checked?.check;
  const wanting = check ? parts.filter((part) => check[part] !== 'good') : [];
  return (
    <p class="checked" data-testid="checked" data-verdict={!check ? 'none' : wanting.length ? 'wanting' : 'good'}>
      {t('check.title')}: {!check && t('check.waiting')}
      {check && !wanting.length && t('check.good')}
      {check && wanting.map((part) => `${t(`check.${part}`)} ${t(`check.${check[part] ?? 'waiting'}`)}`).join(' · ')}
      {checked && (
        <small class="num">
          {' '}
          {clock(checked.atMs)} {checked.check.signed}
        </small>
      )}
    </p>
  );
}
