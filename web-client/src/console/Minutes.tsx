// The minutes and the log of the meeting, as files to keep: while it goes on,
// and after its end, when the desk has nothing else to do.
import { lang, t } from '../i18n/i18n';
import { Refusal } from '../link/refusal';
import { save } from '../page/save';
import type { Desk } from './desk';

/** Each file: its words, its address below the meeting's, the end of its name. */
const files = [
  ['desk.minutes.print', 'minutes?format=html', 'minutes.html'],
  ['desk.minutes.book', 'minutes?format=xlsx', 'minutes.xlsx'],
  ['desk.minutes.attendance', 'minutes?format=csv&table=attendance', 'attendance.csv'],
  ['desk.minutes.speakers', 'minutes?format=csv&table=speakers', 'speakers.csv'],
  ['desk.minutes.rollcall', 'minutes?format=csv&table=rollcall', 'rollcall.csv'],
  ['desk.minutes.incidents', 'minutes?format=csv&table=incidents', 'incidents.csv'],
  ['desk.minutes.acts', 'minutes?format=csv&table=acts', 'acts.csv'],
  ['desk.minutes.log', 'journal', 'log.jsonl'],
] as const;

/** Minutes offers them. */
export function Minutes({ desk }: { desk: Desk }) {
  const id = desk.page.state.meeting.value?.id;
  if (!id) return null;
  return (
    <section class="minutes" data-testid="minutes">
      <h2>{t('desk.minutes')}</h2>
      <div class="grid">
        {files.map(([words, path, name]) => (
          <button
            type="button"
            class="key"
            key={name}
            data-act={`get-${name}`}
            onClick={() => void fetchFile(desk, `${encodeURIComponent(id)}/${path}`, `${id}-${name}`)}
          >
            {t(words)}
          </button>
        ))}
      </div>
    </section>
  );
}

/** fetchFile lets the browser keep a file of the server, in the language of the page. */
async function fetchFile(desk: Desk, path: string, name: string): Promise<void> {
  const { page } = desk;
  const headers = { authorization: `Bearer ${page.ticket.token}` };
  const sep = path.includes('?') ? '&' : '?';
  try {
    const answer = await fetch(`/api/v1/meetings/${path}${sep}lang=${lang.value}`, { headers });
    if (answer.ok) return save(await answer.blob(), name);
    const { code, args } = (await answer.json()) as { code: string; args?: Record<string, string | number> };
    page.say(new Refusal(code, args));
  } catch (err) {
    page.say(err);
  }
}
