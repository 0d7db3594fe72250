// Saved layouts: named, for all controllers of the meeting; one press puts one
// into the preview.
import { t } from '../i18n/i18n';
import type { Desk } from './desk';
import { Panel } from './Panel';
import { Thumb } from './Thumb';

/** Saved lists them and keeps the preview under a name. */
export function Saved({ desk }: { desk: Desk }) {
  const close = () => {
    desk.panel.value = '';
  };
  const { preview } = desk.mixer;
  const keep = async (e: SubmitEvent) => {
    e.preventDefault();
    const form = e.currentTarget as HTMLFormElement;
    const name = String(new FormData(form).get('name') ?? '').trim();
    if (!name) return;
    if (await desk.acts.say(`${t('desk.saved.keep')}: ${name}`, 'layout.save', { name, layout: preview.value }))
      form.reset();
  };
  const saved = desk.page.state.saved.value;
  return (
    <Panel name="saved" title={t('desk.saved')} close={close}>
      <ul class="saved">
        {saved.map(({ name, layout }) => (
          <li key={name}>
            <button
              type="button"
              class="key"
              data-act="use"
              onClick={() => {
                desk.mixer.prepare(layout);
                close();
              }}
            >
              <Thumb kind={layout.kind} />
              <b>{name}</b>
              <small>{t(`layout.${layout.kind}`)}</small>
            </button>
            <button
              type="button"
              class="key"
              data-act="drop"
              onClick={() => void desk.acts.say(`${t('desk.saved.drop')}: ${name}`, 'layout.deleteSaved', { name })}
            >
              {t('desk.saved.drop')}
            </button>
          </li>
        ))}
        {saved.length === 0 && <li class="none">{t('desk.saved.none')}</li>}
      </ul>
      <form class="line" onSubmit={(e) => void keep(e)}>
        <Thumb kind={preview.value.kind} />
        <input name="name" maxLength={60} placeholder={t('desk.saved.name')} aria-label={t('desk.saved.name')} />
        <button type="submit" class="key" data-act="keep">
          {t('desk.saved.keep')}
        </button>
      </form>
    </Panel>
  );
}
