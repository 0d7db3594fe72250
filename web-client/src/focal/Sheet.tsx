// The check sheet: what the officer has seen and heard, then the signature.
import { useSignal } from '@preact/signals';
import { clock, hour, span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Icon, type IconName } from '../ui/icons';
import type { CheckedView } from '../wire';
import { type Focal, type Item, items } from './focal';

const icons: Record<Item, IconName> = {
  camera: 'cam',
  microphone: 'mic',
  speaker: 'spk',
  echo: 'echo',
  power: 'power',
};

/** Sheet is the list to tick, or who has signed it. */
export function Sheet({ focal }: { focal: Focal }) {
  const { own, meeting, idle } = focal.page.state;
  const checked = own.value?.checked;
  const again = useSignal(false);
  const startsAt = meeting.value?.startsAtMs ?? idle.value?.nextAtMs ?? 0;
  const signed = checked?.by === 'focal' && !again.value;
  return (
    <>
      <h2>{t('check.title')}</h2>
      <Countdown at={startsAt} now={focal.page.now.value} />
      {signed ? <Signed checked={checked} /> : <List focal={focal} checked={checked} />}
      {signed ? (
        <button
          type="button"
          class="big quiet"
          data-act="again"
          onClick={() => {
            again.value = true;
          }}
        >
          {t('check.again')}
        </button>
      ) : (
        <Sign
          focal={focal}
          done={() => {
            again.value = false;
          }}
        />
      )}
    </>
  );
}

function Countdown({ at, now }: { at: number; now: number }) {
  if (at <= now) return null;
  return (
    <p class="due">
      {t('foc.start', { time: hour(at) })} <b class="num">{span(at - now)}</b>
    </p>
  );
}

function Signed({ checked }: { checked: CheckedView }) {
  const who = checked.check.signed || t('before.officer');
  return (
    <section class="signed" data-testid="signed">
      <h3>
        <Icon name="ok" />
        {t('foc.ready')}
      </h3>
      <p>{t('foc.ready.by', { who, time: clock(checked.atMs) })}</p>
      <p>{t('foc.keep')}</p>
    </section>
  );
}

function List({ focal, checked }: { focal: Focal; checked: CheckedView | undefined }) {
  const line = checked?.check.line;
  return (
    <ul class="sheet">
      {items.map((item) => (
        <li key={item}>
          <button
            type="button"
            role="checkbox"
            aria-checked={focal.ticks.value[item] === true}
            data-act={`tick-${item}`}
            onClick={() => focal.tick(item)}
          >
            <Icon name={icons[item]} />
            <span>
              {t(`check.${item}`)}
              <small>{t(`foc.${item}.sub`)}</small>
            </span>
            <i class="box">{focal.ticks.value[item] && <Icon name="ok" />}</i>
          </button>
        </li>
      ))}
      <li class="measured">
        <Icon name="line" />
        <span>
          {t('check.line')}
          <small>{t('foc.line.sub')}</small>
        </span>
        <b>{t(line ? `check.${line}` : 'check.waiting')}</b>
      </li>
    </ul>
  );
}

function Sign({ focal, done }: { focal: Focal; done: () => void }) {
  const name = useSignal(localStorage.getItem('giaoban.officer') ?? focal.page.state.welcome.value?.you.name ?? '');
  const left = focal.left.value;
  const sign = async () => {
    localStorage.setItem('giaoban.officer', name.value);
    await focal.sign(name.value.trim());
    done();
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (!left) void sign();
      }}
    >
      <label>
        {t('foc.name')}
        <input
          maxLength={100}
          value={name.value}
          data-testid="name"
          onInput={(e) => {
            name.value = e.currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="big" data-act="sign" aria-disabled={left > 0}>
        {left ? t('foc.left', { n: left }) : t('foc.sign')}
      </button>
    </form>
  );
}
