// A briefing of the whole province of Hà Giang as the server would tell it:
// 217 points in 12 groups at a busy moment. Unit names are real; persons,
// telephone numbers and figures are invented.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EntryView, IncidentView, MessageView, RequestView, RosterRow, TileView, View } from '../../src/wire.ts';

interface Unit {
  code: string;
  parent?: string;
  type: string;
  name: string;
}

interface Tree {
  units: Unit[];
  system: { points: { id: string; number: number; code: string; name: string; parent?: string }[] };
}

const tree = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../../internal/catalog/ha-giang.json'), 'utf8'),
) as Tree;

const short: Record<string, string> = { Huyện: 'H.', 'Thành phố': 'TP.' };
const surnames = ['Sùng Mí', 'Giàng Seo', 'Vàng Thị', 'Hoàng Văn', 'Nông Thị', 'Lù Văn', 'Thào Mí', 'Nguyễn Thị'];
const names = ['Lử', 'Páo', 'Dính', 'Thiết', 'Lan', 'Sính', 'Chơ', 'Hạnh', 'Quý', 'Dũng'];

/** The moment everything is told at: 09:42:17 of the meeting's day in Vietnam. */
export const moment = Date.UTC(2017, 9, 16, 2, 42, 17);

/** province is the whole view of a controller, or of the chair. */
export function province(role: 'controller' | 'chair' = 'controller'): View {
  const rows = points();
  const by = (name: string) => rows.find((r) => r.name.endsWith(name)) ?? (rows[1] as RosterRow);
  for (const change of states) Object.assign(by(change[0]), change[1]);
  const view: View = {
    meeting: {
      id: 'hg-1',
      title: 'Giao ban quý III: phòng, chống thiên tai và giảm nghèo bền vững',
      hostUnit: 'UBND tỉnh Hà Giang',
      status: 'open',
      phase: 'open',
      startsAtMs: moment - 102 * 60_000 - 17_000,
      startedAtMs: moment - 102 * 60_000 - 17_000,
      chairPoint: 'hg-001',
      points: rows.length,
      present: rows.filter((r) => r.presence === 'present').length,
    },
    roster: Object.fromEntries(rows.map((r) => [r.id, r])),
    floor: {
      mode: 'one-by-one',
      limit: 1,
      turnMinutes: 5,
      atZero: 'warn',
      requests: [...asking(by), ...holding(by)],
    },
    picture: { layout: 'content+1', tiles: [tile(by('tỉnh'), 'content'), tile(by('UBND xã Thanh Thủy'))] },
    slots: { video: ['hg-001/content', `${by('UBND xã Thanh Thủy').id}/camera`], voices: [] },
    programme: programme(by),
    incidents: incidents(by),
    messages: { list: messages(by), upTo: 400, points: { [by('Bát Đại Sơn').id]: 900, [by('Cao Mã Pờ').id]: 900 } },
  };
  if (role === 'controller') return { ...view, ...desk(by) };
  // A tablet has one picture: who speaks.
  const speaker = tile(by('UBND xã Thanh Thủy'));
  return { ...view, picture: { layout: '1', tiles: [speaker] }, slots: { video: [speaker.source], voices: [] } };
}

/** crowd is a quiet meeting of as many points as asked for. */
export function crowd(count: number): View {
  const rows = points();
  for (let n = rows.length + 1; n <= count; n++) {
    const [like] = rows.slice(-1);
    if (like) rows.push({ ...like, id: `hg-${n}`, number: n, name: `Điểm cầu ${n}`, code: `x${n}` });
  }
  const view = province();
  const roster = Object.fromEntries(rows.slice(0, count).map((r) => [r.id, r]));
  return { ...view, roster, incidents: [], floor: { mode: 'one-by-one', limit: 1, atZero: 'warn', requests: [] } };
}

type By = (name: string) => RosterRow;

/** Points are numbered down the tree: the province's rooms, then each district with its communes. */
function points(): RosterRow[] {
  const rows: RosterRow[] = [];
  const add = (code: string, name: string, tier: string, parent?: string) => {
    const number = rows.length + 1;
    const id = `hg-${String(number).padStart(3, '0')}`;
    const [a, b] = [surnames[(number * 5) % surnames.length], names[(number * 7) % names.length]];
    rows.push({
      id,
      number,
      code,
      name,
      parent,
      tier,
      system: 'ha-giang-tinh',
      presence: 'present',
      mic: 'off',
      chair: number === 1 || undefined,
      card: {
        officers: [{ name: `${a} ${b}`, phone: `0219 000 ${String(1000 + number).slice(-4)}` }],
        carrier: 'VNPT Hà Giang',
      },
    });
  };
  for (const p of tree.system.points.slice(0, 3)) add(p.code, p.name, 'province');
  for (const p of tree.system.points.slice(14)) add(p.code, p.name, 'province');
  const [top] = tree.units;
  for (const district of tree.units.filter((u) => u.parent === top?.code)) {
    const parent = `${short[district.type] ?? ''} ${district.name}`;
    add(district.code, `UBND ${district.type.toLowerCase()} ${district.name}`, 'district');
    for (const unit of tree.units.filter((u) => u.parent === district.code))
      add(unit.code, `UBND ${unit.type.toLowerCase()} ${unit.name}`, 'commune', parent);
  }
  return rows;
}

const ago = (s: number) => moment - s * 1000;

const lost = (s: number, incident: number) => ({ presence: 'lost' as const, sinceMs: ago(s), incident });
const asked = (place: number) => ({ mic: 'asked' as const, place });

const states: [string, Partial<RosterRow>][] = [
  ['Đường Hồng', lost(1562, 11)],
  ['Sán Xả Hồ', lost(697, 12)],
  ['Lũng Pù', lost(252, 13)],
  ['Pà Vầy Sủ', lost(38, 14)],
  ['Bản Péo', { presence: 'absent' }],
  ['Thượng Tân', { presence: 'absent' }],
  ['Ngọc Long', { presence: 'absent', summonedAtMs: ago(720) }],
  ['Tả Ván', { presence: 'absent', left: true, leftEarly: true }],
  ['Bản Luốc', asked(1)],
  ['Nấm Dẩn', asked(2)],
  ['xã Lũng Cú', asked(3)],
  ['huyện Bắc Mê', asked(4)],
  ['Tân Trịnh', asked(5)],
  ['UBND xã Thanh Thủy', { mic: 'on' }],
  ['tỉnh', { mic: 'on' }],
];

function asking(by: By): RequestView[] {
  const request = (name: string, s: number, more: Partial<RequestView>): RequestView => ({
    point: by(name).id,
    floor: 'speech',
    state: 'pending',
    mic: 'asked',
    askedAtMs: ago(s),
    ...more,
  });
  return [
    request('Bản Luốc', 380, {
      state: 'accepted',
      mic: 'accepted',
      delegate: 'Giàng Seo Páo, Chủ tịch UBND xã',
      subject: 'bổ sung kinh phí sửa kè suối',
      note: 'Chủ trì dặn mời sau Thanh Thủy',
    }),
    request('Nấm Dẩn', 295, { delegate: 'Hoàng Văn Thiết, Phó Chủ tịch UBND xã', subject: 'di dời 14 hộ vùng sạt lở' }),
    request('xã Lũng Cú', 100, { delegate: 'Vàng Thị Dính', subject: 'trả lời về chợ biên giới' }),
    request('huyện Bắc Mê', 72, { delegate: 'Nông Thị Lan, Chủ tịch UBND huyện', subject: 'mất điện tại hai xã' }),
    request('Tân Trịnh', 26, {}),
  ];
}

function holding(by: By): RequestView[] {
  const granted = { floor: 'speech' as const, state: 'granted' as const, mic: 'on' as const };
  return [
    {
      ...granted,
      point: by('UBND xã Thanh Thủy').id,
      askedAtMs: ago(300),
      grantedAtMs: ago(192),
      endsAtMs: ago(-108),
      byDirection: true,
    },
    { ...granted, point: 'hg-001', askedAtMs: ago(8), grantedAtMs: ago(8) },
  ];
}

function programme(by: By) {
  const order: [string, EntryView['state']][] = [
    ['huyện Vị Xuyên', 'done'],
    ['huyện Hoàng Su Phì', 'done'],
    ['huyện Xín Mần', 'done'],
    ['UBND xã Thanh Thủy', 'speaking'],
    ['Bản Luốc', 'waiting'],
    ['huyện Đồng Văn', 'waiting'],
    ['huyện Mèo Vạc', 'waiting'],
    ['tỉnh', 'waiting'],
  ];
  const entries = order.map(([name, state], i): EntryView => ({ id: i + 1, point: by(name).id, state, minutes: 5 }));
  return { entries, next: 5 };
}

function incidents(by: By): IncidentView[] {
  const incident = (id: number, name: string, s: number, more: Partial<IncidentView>): IncidentView => {
    const row = by(name);
    return { id, point: row.id, name: row.name, parent: row.parent, openedAtMs: ago(s), ...more };
  };
  return [
    incident(14, 'Pà Vầy Sủ', 38, {}),
    incident(13, 'Lũng Pù', 252, { cause: 'Mất điện phòng họp', remedy: 'Chạy máy nổ', expectedAtMs: ago(-1363) }),
    incident(12, 'Sán Xả Hồ', 697, { cause: 'Đứt cáp quang Km 14', remedy: 'VNPT hàn cáp', expectedAtMs: ago(-2263) }),
    incident(11, 'Đường Hồng', 1562, {
      cause: 'Mất điện toàn xã',
      remedy: 'Điện lực đang đóng lại lưới',
      expectedAtMs: ago(137),
    }),
  ];
}

function messages(by: By): MessageView[] {
  return [
    {
      id: 300,
      atMs: ago(139),
      from: by('xã Lũng Cú').id,
      name: 'Vàng Thị Dính',
      text: 'Điểm cầu Lũng Cú sẵn sàng phát biểu.',
    },
    {
      id: 350,
      atMs: ago(106),
      to: [by('Bát Đại Sơn').id, by('Cao Mã Pờ').id, by('Xín Cái').id],
      text: 'Hạ xuống chỉ tiếng và trình chiếu trong 5 phút.',
    },
    {
      id: 500,
      atMs: ago(57),
      from: by('Sán Xả Hồ').id,
      name: 'VNPT Hoàng Su Phì',
      text: 'Đã đến Km 14, cần khoảng 35 phút.',
    },
    {
      id: 501,
      atMs: ago(14),
      from: by('Lũng Pù').id,
      name: 'Sùng Mí Lử',
      text: 'Máy nổ đã chạy, đang khởi động lại thiết bị.',
    },
  ];
}

/** What only controllers are told. */
function desk(by: By): View {
  const turn = [
    'Sảng Tủng',
    'Phố Cáo',
    'Khâu Vai',
    'Lũng Pù',
    'Du Già',
    'Nghĩa Thuận',
    'Yên Cường',
    'Chí Cà',
    'Hùng An',
  ];
  const point = (name: string) => ({ kind: 'point' as const, point: by(name).id });
  return {
    layouts: {
      all: { layout: { kind: 'content+1', tiles: [{ kind: 'content' }, { kind: 'speaker' }] }, seq: 41 },
    },
    control: { held: true, holder: 'Hoàng Thị Hạnh', mine: true, present: ['Hoàng Thị Hạnh', 'Lò Văn Thăng'] },
    rotation: { points: turn.map((n) => by(n).id), seconds: 10, current: by('Phố Cáo').id, sinceMs: ago(4) },
    saved: [
      { name: 'Khai mạc', layout: { kind: '1', tiles: [{ kind: 'chair' }] } },
      {
        name: 'Các huyện',
        layout: {
          kind: '3x3',
          tiles: [
            'Đồng Văn',
            'Mèo Vạc',
            'Yên Minh',
            'Quản Bạ',
            'Vị Xuyên',
            'Bắc Mê',
            'Hoàng Su Phì',
            'Xín Mần',
            'Bắc Quang',
          ].map((n) => point(`huyện ${n}`)),
        },
      },
    ],
    capacity: [{ layout: '5x5', rooms: 14, instead: '3x3' }],
    banners: [],
    undo: [],
  };
}

/** tile is a tile of a picture. */
export function tile(row: RosterRow, kind: 'camera' | 'content' = 'camera'): TileView {
  return {
    source: `${row.id}/${kind}`,
    name: row.name,
    parent: row.parent,
    mic: kind === 'camera' ? row.mic : undefined,
  };
}
