// One line of text over the points' pictures, for an audience and a time.
import { useSignal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { audienceName, groups } from './audiences';
import type { Desk } from './desk';

const minutesOffered = [1, 5, 10, 30, 0];

/** Banner is the editor, and what is on screen now. */
export function Banner({ desk }: { desk: Desk }) {
  const audience = useSignal('all');
  const minutes = useSignal(10);
  const shown = desk.page.state.banners.value;
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    const text = String(new FormData(e.currentTarget as HTMLFormElement).get('text') ?? '').trim();
    const seconds = minutes.value ? minutes.value * 60 : undefined;
    if (text) void desk.acts.say(t('desk.banner'), 'banner.set', { audience: audience.value, text, seconds });
  };
  return (
    <section class="p banner" aria-label={t('desk.banner')} data-testid="banner">
      <form onSubmit={submit}>
        <b>{t('desk.banner')}</b>
        <input
          name="text"
          data-field="banner"
          maxLength={200}
          placeholder={t('desk.banner.text')}
          aria-label={t('desk.banner')}
          value={shown.find((b) => b.audience === audience.value)?.text ?? ''}
        />
        <select
          aria-label={t('con.aud.label')}
          value={audience.value}
          onChange={(e) => {
            audience.value = e.currentTarget.value;
          }}
        >
          {groups(desk).map(({ to, words }) => (
            <option key={to} value={to}>
              {words}
            </option>
          ))}
        </select>
        <select
          aria-label={t('desk.banner.until')}
          value={String(minutes.value)}
          onChange={(e) => {
            minutes.value = Number(e.currentTarget.value);
          }}
        >
          {minutesOffered.map((n) => (
            <option key={n} value={String(n)}>
              {n ? t('desk.banner.for', { n }) : t('desk.banner.until')}
            </option>
          ))}
        </select>
        <button type="submit" class="key" data-act="banner-set">
          {t('desk.banner.show')} <span class="cap">Ctrl B</span>
        </button>
      </form>
      {shown.map((banner) => (
        <p key={banner.audience} data-testid="banner-on">
          <span class="q">
            {t('desk.banner.on')} · {audienceName(desk, banner.audience)}
          </span>
          <span>{banner.text}</span>
          <button
            type="button"
            class="key"
            data-act="banner-clear"
            onClick={() => void desk.acts.say(t('desk.banner.clear'), 'banner.clear', { audience: banner.audience })}
          >
            {t('desk.banner.clear')}
          </button>
        </p>
      ))}
    </section>
  );
}
