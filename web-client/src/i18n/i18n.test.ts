import { afterEach, describe, expect, it } from 'vitest';
import { codes } from '../codes';
import { deskEn } from '../console/words.en';
import { deskVi } from '../console/words.vi';
import { focalEn } from '../focal/words.en';
import { focalVi } from '../focal/words.vi';
import { clock, date, span } from './clock';
import { en as sharedEn } from './en';
import { type Key, lang, learn, sentence, setLang, startLang, t } from './i18n';
import { vi as shared } from './vi';

const vi = { ...shared, ...deskVi, ...focalVi };
const en = { ...sharedEn, ...deskEn, ...focalEn };

afterEach(() => setLang('vi'));

const gaps = (words: string) => (words.match(/\{\w+\}/g) ?? []).sort();

describe('the two languages', () => {
  it('have the same keys', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(vi).sort());
  });

  it('leave the same gaps to fill', () => {
    for (const key of Object.keys(vi) as Key[]) expect(gaps(en[key]), key).toEqual(gaps(vi[key]));
  });

  it('say every key and no empty word', () => {
    for (const words of [...Object.values(vi), ...Object.values(en)]) expect(words.trim()).not.toBe('');
  });

  it('are composed, so that marks are drawn as one sign', () => {
    for (const words of Object.values(vi)) expect(words).toBe(words.normalize('NFC'));
  });
});

describe('the words of the desk', () => {
  it("are no other page's words", () => {
    expect(Object.keys(deskVi).filter((key) => key in shared)).toEqual([]);
  });

  it('can be learned', () => {
    expect(t('desk.defer')).toBe('desk.defer');
    learn({ vi: deskVi, en: deskEn });
    expect(t('desk.defer')).toBe('Để sau');
    setLang('en');
    expect(t('desk.defer')).toBe('Later');
  });
});

describe("the words of the officer's telephone", () => {
  it("are no other page's words", () => {
    expect(Object.keys(focalVi).filter((key) => key in shared || key in deskVi)).toEqual([]);
  });
});

describe('t', () => {
  it('fills the gaps it is given and leaves the others', () => {
    expect(t('mic.place', { n: 3 })).toBe('thứ 3');
    expect(t('mic.invited.do')).toBe('Nhấn {ok} để bật micro');
  });

  it('follows the chosen language and remembers it', () => {
    setLang('en');
    expect(t('mic.off')).toBe('MICROPHONE OFF');
    expect(document.documentElement.lang).toBe('en');
    lang.value = 'vi';
    startLang();
    expect(lang.value).toBe('en');
  });
});

describe('sentence', () => {
  it('has one for every code of the server, in both languages', () => {
    for (const code of Object.keys(codes)) {
      for (const l of ['vi', 'en'] as const) {
        setLang(l);
        expect(sentence(code)).toBe(codes[code as keyof typeof codes][l]);
      }
    }
  });

  it('has one for what the page itself refuses', () => {
    expect(sentence('socket.lost')).toBe(vi['error.socket.lost']);
    expect(sentence('link.timeout')).toBe(vi['error.link.timeout']);
  });

  it('keeps the code of a refusal nobody knows', () => {
    expect(sentence('future.code')).toContain('future.code');
  });
});

describe('a link that no longer works', () => {
  it('is renewed by the operator, whoever says so', () => {
    for (const words of [vi['door.none'], vi['door.expired'], codes['token.invalid'].vi])
      expect(words).toContain('cơ quan vận hành');
    for (const words of [en['door.none'], en['door.expired'], codes['token.invalid'].en])
      expect(words).toContain('the operator');
  });

  it('knows the operator by one name', () => {
    for (const { vi: words } of Object.values(codes)) expect(words).not.toContain('người vận hành');
  });
});

describe('times', () => {
  const at = new Date(2026, 10, 9, 8, 5, 7).getTime();

  it('read as 24 hours and dd/MM/yyyy', () => {
    expect(clock(at)).toBe('08:05:07');
    expect(date(at)).toBe('09/11/2026');
  });

  it('count in minutes, in hours from an hour on, and never below zero', () => {
    expect(span(134_900)).toBe('02:14');
    expect(span(3_725_000)).toBe('1:02:05');
    expect(span(-5)).toBe('00:00');
  });
});
