// Whose picture, line or turn something is for.
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import type { Audience } from '../wire';
import type { Desk } from './desk';

/** Choice is one audience that can be chosen. */
export interface Choice {
  to: Audience;
  act: string;
  words: string;
}

/** groups are everyone, the chair point and each tier of the meeting. */
export function groups(desk: Desk): Choice[] {
  const tiers = [...new Set(desk.page.state.all().flatMap((row) => row.tier ?? []))];
  return [
    { to: 'all', act: 'all', words: t('con.aud.all') },
    { to: 'chair', act: 'chair', words: t('con.aud.chair') },
    ...tiers.map((tier) => ({ to: `tier:${tier}`, act: `tier-${tier}`, words: tierName(tier) })),
  ];
}

/** audienceName puts an audience into words. */
export function audienceName(desk: Desk, audience: Audience): string {
  if (audience === 'all') return t('con.aud.all');
  if (audience === 'chair') return t('con.aud.chair');
  if (audience.startsWith('tier:')) return tierName(audience.slice('tier:'.length));
  const row = desk.page.state.row(audience.replace(/^point:/, '')).value;
  return row ? `${number(row.number)} ${row.name}` : audience;
}

const tiers: Record<string, 'desk.tier.province' | 'desk.tier.district' | 'desk.tier.commune'> = {
  province: 'desk.tier.province',
  district: 'desk.tier.district',
  commune: 'desk.tier.commune',
};

/** tierName names a tier; one that is not known reads as it is written. */
function tierName(tier: string): string {
  const key = tiers[tier];
  return key ? t(key) : tier;
}
