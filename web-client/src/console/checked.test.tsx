import { render } from 'preact';
import { beforeEach, expect, it } from 'vitest';
import type { CheckedView } from '../wire';
import { Checked } from './Checked';

const all = { camera: 'good', microphone: 'good', speaker: 'good', echo: 'good', line: 'good', power: 'good' } as const;
const reads = (checked?: CheckedView) => {
  render(<Checked checked={checked} />, document.body);
  return document.querySelector('[data-testid="checked"]')?.textContent ?? '';
};

beforeEach(() => render(null, document.body));

it('says that a point has not checked itself', () => {
  expect(reads()).toBe('Kiểm tra điểm cầu: chưa kiểm tra');
});

it('says in one word that all is well, who signed, and when', () => {
  const words = reads({ check: { ...all, signed: 'Sùng Mí Lử' }, atMs: Date.now(), by: 'focal' });
  expect(words).toMatch(/^Kiểm tra điểm cầu: Tốt \d\d:\d\d:\d\d Sùng Mí Lử$/);
});

it('names what is wanting, and nothing else', () => {
  const { power: _, ...rest } = all;
  const words = reads({ check: { ...rest, line: 'weak' }, atMs: 0, by: 'room' });
  expect(words).toContain('Đường truyền Yếu · Điện dự phòng chưa kiểm tra');
  expect(words).not.toContain('Camera');
});
