// Two languages in one small table. The chosen language is a signal, so every
// component that calls t() changes with it.
import { signal } from '@preact/signals';
import { type Code, codes } from '../codes';
import type { deskVi } from '../console/words.vi';
import type { focalVi } from '../focal/words.vi';
import { en } from './en';
import { vi } from './vi';

/** A key of the words every page has, or of those that some pages bring along. */
export type Key = keyof typeof vi | keyof typeof deskVi | keyof typeof focalVi;
export type Lang = 'vi' | 'en';
type Args = Record<string, string | number>;

const words: Record<Lang, Partial<Record<Key, string>>> = { vi: { ...vi }, en: { ...en } };
const remembered = 'giaoban.lang';

/** The language every page speaks now. */
export const lang = signal<Lang>('vi');

/** startLang takes the language from ?lang=, then from the last choice; else Vietnamese. */
export function startLang(): void {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(remembered);
  setLang(asked === 'en' ? 'en' : 'vi');
}

/** setLang changes the language and remembers it for this browser. */
export function setLang(next: Lang): void {
  lang.value = next;
  document.documentElement.lang = next;
  localStorage.setItem(remembered, next);
}

/** learn adds the words of some pages only, so that the room's page does not carry the desk's. */
export function learn(more: Record<Lang, Partial<Record<Key, string>>>): void {
  Object.assign(words.vi, more.vi);
  Object.assign(words.en, more.en);
}

/** t gives the words of a key, with {name} replaced by args.name. */
export function t(key: Key, args: Args = {}): string {
  return fill(words[lang.value][key] ?? key, args);
}

/** sentence puts a refusal into words; an unknown code keeps its code. */
export function sentence(code: string, args: Args = {}): string {
  if (code in codes) return fill(codes[code as Code][lang.value], args);
  return `error.${code}` in vi ? t(`error.${code}` as Key, args) : t('error.other', { code });
}

function fill(words: string, args: Args): string {
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(args[name] ?? whole));
}
