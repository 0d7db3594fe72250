// A page that does not open says why, in one sentence.
import type { ComponentChildren } from 'preact';
import { lang, sentence, setLang, t } from '../i18n/i18n';

/** Door is a full page with one sentence and perhaps one thing to do. */
export function Door({ words, children }: { words: string; children?: ComponentChildren }) {
  return (
    <main class="door" data-testid="door">
      <h1>{words}</h1>
      {children}
      <LangSwitch />
    </main>
  );
}

/** shutWords puts the reason a page was shut into words. */
export function shutWords(code: string): string {
  if (code === 'page.role') return t('door.role');
  return code === 'token.invalid' ? t('door.expired') : sentence(code);
}

/** LangSwitch offers the other language, in that language. */
export function LangSwitch() {
  return (
    <button
      type="button"
      class="key lang"
      data-act="lang"
      lang={lang.value === 'vi' ? 'en' : 'vi'}
      onClick={() => setLang(lang.value === 'vi' ? 'en' : 'vi')}
    >
      {t('lang.other')}
    </button>
  );
}
