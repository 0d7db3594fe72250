import { useMemo } from 'preact/hooks';
import encodeQR from 'qr';
import { t } from '../i18n/i18n';
import { LangSwitch } from '../ui/Door';
import type { Pairing } from './pair';

/** PairingScreen shows the six digits, and a QR that opens the operator's page with them. */
export function PairingScreen({ pairing }: { pairing: Pairing }) {
  const code = pairing.code.value;
  return (
    <main class="door pairing" data-testid="pairing">
      <h1>{t('pair.title')}</h1>
      {code && (
        <div class="pairing-code">
          <output class="num" aria-label={t('pair.code')} data-code={code}>
            {code.slice(0, 3)} {code.slice(3)}
          </output>
          <QR text={`${location.origin}/operator#pair=${code}`} />
        </div>
      )}
      <p role="status">{pairing.down.value ? t('pair.down') : t('pair.help')}</p>
      <LangSwitch />
    </main>
  );
}

function QR({ text }: { text: string }) {
  const rows = useMemo(() => encodeQR(text, 'raw', { ecc: 'medium', border: 3 }), [text]);
  const dark = rows.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg
      class="pairing-qr"
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      role="img"
      aria-label={t('pair.qr')}
      shape-rendering="crispEdges"
    >
      <path fill="#fff" d={`M0 0h${rows.length}v${rows.length}H0z`} />
      <path fill="#000" d={dark} />
    </svg>
  );
}
