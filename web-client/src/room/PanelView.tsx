// The room's one list and its PIN pad, as they look.
import { t } from '../i18n/i18n';
import { Icon } from '../ui/icons';
import { lines, type Panel, pad } from './panel';

/** PanelView shows the list or the pad, whichever is up. */
export function PanelView({ panel }: { panel: Panel }) {
  if (panel.key.value >= 0) return <Pad panel={panel} />;
  if (panel.line.value < 0) return null;
  const all = [...lines, 'help.settings' as const];
  return (
    <nav class="panel" data-testid="panel" aria-label={t('help.title')}>
      <h2>{t('help.title')}</h2>
      {all.map((key, i) => (
        <button
          type="button"
          key={key}
          tabIndex={-1}
          class={`act ${i === panel.line.value ? 'focus' : ''}`}
          data-act={key}
          data-focus={i === panel.line.value ? '' : undefined}
          onClick={() => panel.choose(i)}
        >
          <Icon name={key === 'help.settings' ? 'gear' : 'message'} />
          <span>{t(key)}</span>
        </button>
      ))}
    </nav>
  );
}

function Pad({ panel }: { panel: Panel }) {
  return (
    <section class="panel pad" data-testid="pin" aria-label={t('pin.title')}>
      <h2>{t('pin.title')}</h2>
      <p class="dots num" role="status">
        {panel.wrong.value ? t('pin.wrong') : '●'.repeat(panel.pin.value.length) || '–'}
      </p>
      {pad.map((key, i) => (
        <button
          type="button"
          key={key}
          tabIndex={-1}
          class={`act num ${i === panel.key.value ? 'focus' : ''}`}
          data-focus={i === panel.key.value ? '' : undefined}
          onClick={() => panel.type(key)}
        >
          {key}
        </button>
      ))}
    </section>
  );
}
