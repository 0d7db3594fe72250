// The closing check as the desk follows it (Art 9.2.e): who has finished, and
// for whom the release still waits.
import { useComputed } from '@preact/signals';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import type { Desk } from './desk';

/** Closing is drawn from the closing on. */
export function Closing({ desk }: { desk: Desk }) {
  const here = useComputed(() => desk.page.state.all().filter((row) => row.presence === 'present' && !row.simulated));
  if (desk.page.state.meeting.value?.phase !== 'closing') return null;
  const waits = here.value.filter((row) => !row.finishedAtMs);
  return (
    <p class="q" role="status" data-testid="closing" data-waits={waits.length}>
      {t('desk.closing.done', { n: here.value.length - waits.length, all: here.value.length })}
      {waits.length > 0 &&
        ` ${t('desk.closing.waits', { names: waits.map((row) => `${number(row.number)} ${row.name}`).join(', ') })}`}
    </p>
  );
}
