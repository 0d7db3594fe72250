// The controller's desk without its looks: what is chosen, what is being
// prepared in the preview, and the acts. Nothing here reaches anybody before
// a command is given.
import { batch, computed, effect, signal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { Page } from '../page/page';
import type { Ticket } from '../page/token';
import { arrange, bind, draft, type Scene, same } from '../state/layouts';
import { type Shown, shown } from '../state/shown';
import type { Audience, Binding, Floor, Layout, LayoutKind, Mode, RequestView, TileView } from '../wire';

/** Most pictures the console decodes: nine on program and nine in preview. */
const maxTiles = 18;
/** How many points may discuss at once. */
const discussion = 3;
const nothing: Layout = { kind: '1', tiles: [{ kind: 'blank' }] };

/** Target is the point, and its floor, that keys act on. */
export interface Target {
  point: string;
  floor: Floor;
}

/** Desk is one open console. */
export class Desk {
  readonly page: Page;
  readonly audience = signal<Audience>('all');
  readonly preview = signal<Layout>(nothing);
  readonly tile = signal(0);
  readonly typed = signal('');
  readonly query = signal('');
  readonly worst = signal(false);
  readonly only = signal<'all' | 'lost' | 'air' | 'off' | 'ask'>('all');
  readonly listening = signal(false);
  readonly help = signal(false);
  readonly lastAct = signal<{ words: string; at: number } | null>(null);
  readonly chosen = signal<Target | null>(null);

  readonly waiting = computed(() => this.requests().filter((r) => r.state !== 'granted'));
  readonly granted = computed(() => this.requests().filter((r) => r.state === 'granted'));
  /** What keys act on: the chosen point, else the oldest request. */
  readonly target = computed<Target | null>(() => this.chosen.value ?? this.waiting.value[0] ?? null);
  readonly program = computed<Layout>(() => this.setFor(this.audience.value) ?? this.setFor('all') ?? nothing);
  readonly differs = computed(() => !same(this.preview.value, this.program.value));
  readonly follows = computed(() => this.audience.value !== 'all' && !this.setFor(this.audience.value));
  private undoTo = signal<Layout | null>(null);
  readonly undoable = computed(() => this.undoTo.value !== null);

  constructor(ticket: Ticket) {
    this.page = new Page({ roles: ['controller'], maxTiles, send: false, listen: true }, ticket);
    this.followProgram();
    effect(() => this.page.link.watch(this.unseen()));
  }

  /** previewTiles and programTiles are what the two monitors draw. */
  previewTiles(): Shown[] {
    return this.draw(draft(this.preview.value, this.scene()));
  }

  programTiles(): Shown[] {
    const { picture } = this.page.state;
    if (this.audience.value === 'all') return this.draw(picture.value?.tiles ?? []);
    return this.draw(draft(this.program.value, this.scene()));
  }

  /** choose makes a point what keys act on. */
  choose(point: string, floor: Floor = 'speech'): void {
    this.chosen.value = { point, floor };
  }

  /** type adds a digit to the number for the chosen tile of the preview. */
  type(digit: string): void {
    if (this.typed.value.length < 4) this.typed.value += digit;
  }

  /** enter binds the typed number's point to the chosen tile, 0 the speaker, and goes on to the next tile. */
  enter(): void {
    const number = Number(this.typed.value);
    const row = this.page.state.all().find((r) => r.number === number);
    this.typed.value = '';
    if (!row && number !== 0) {
      this.page.tell(`${number}: ${t('con.nobody')}`);
      return;
    }
    this.put(row ? { kind: 'point', point: row.id } : { kind: 'speaker' });
    this.tile.value = (this.tile.value + 1) % this.preview.value.tiles.length;
  }

  /** put binds the chosen tile of the preview. */
  put(binding: Binding): void {
    this.edit(bind(this.preview.value, this.tile.value, binding));
  }

  /** arrange changes the preview's layout. */
  arrange(kind: LayoutKind): void {
    this.edit(arrange(this.preview.value, kind, this.page.state.all()));
    this.tile.value = 0;
  }

  /** take shows the preview to the audience. */
  async take(): Promise<void> {
    if (!this.differs.value) return;
    const before = this.program.value;
    const done = await this.say(t('con.take'), 'layout.set', {
      audience: this.audience.value,
      layout: this.preview.value,
    });
    if (done) this.undoTo.value = before;
  }

  /** undo brings the preview back one step; on air nothing changes until it is taken. */
  undo(): void {
    const back = this.undoTo.value;
    if (!back) return;
    this.undoTo.value = this.preview.value;
    this.preview.value = back;
    this.tile.value = Math.min(this.tile.value, back.tiles.length - 1);
  }

  /** look turns the desk to another audience, and the preview to what it sees. */
  look(audience: Audience): void {
    batch(() => {
      this.audience.value = audience;
      this.preview.value = this.program.value;
      this.undoTo.value = null;
      this.tile.value = 0;
    });
  }

  /** clear returns an audience of its own to everyone's view. */
  clear(): void {
    void this.say(t('con.aud.clear'), 'layout.clear', { audience: this.audience.value });
  }

  grant(at = this.target.value): void {
    if (at) void this.say(this.words('con.invite', at), 'floor.grant', { floor: at.floor, point: at.point });
  }

  give(at = this.target.value): void {
    if (at) void this.say(this.words('con.give', at), 'floor.give', { point: at.point });
  }

  deny(at = this.target.value): void {
    if (at) void this.say(this.words('con.deny', at), 'floor.deny', { floor: at.floor, point: at.point });
  }

  /** revoke cuts the given microphone: the chosen one, else the newest that is open. */
  revoke(at = this.cuttable()): void {
    if (at) void this.say(this.words('con.cut', at), 'floor.revoke', { floor: at.floor, point: at.point });
  }

  closeAll(): void {
    void this.say(t('con.closeAll'), 'floor.closeAll', {});
  }

  mode(mode: Mode): void {
    const limit = mode === 'discussion' ? { limit: discussion } : {};
    void this.say(t(`mode.${mode}`), 'floor.mode', { mode, ...limit });
  }

  end(): void {
    void this.say(t('con.end'), 'meeting.end', {});
  }

  allow(point: string): void {
    void this.say(t('con.takeover.allow'), 'point.allowTakeover', { point });
  }

  private requests(): RequestView[] {
    return this.page.state.floor.value?.requests ?? [];
  }

  private setFor(audience: Audience): Layout | undefined {
    return this.page.state.layouts.value[audience]?.layout;
  }

  private scene(): Scene {
    const { state } = this.page;
    return {
      chairPoint: state.meeting.value?.chairPoint ?? '',
      floor: state.floor.value,
      row: (id) => (id ? state.row(id).value : undefined),
    };
  }

  private draw(tiles: TileView[]): Shown[] {
    const { slots, live } = this.page.state;
    return shown(tiles, slots.value, live.value);
  }

  /** Points drawn here that the meeting's own view does not bring. */
  private unseen(): string[] {
    const scene = this.scene();
    const onAir = new Set((this.page.state.picture.value?.tiles ?? []).map((tile) => tile.source));
    const drawn = [this.preview.value, this.audience.value === 'all' ? nothing : this.program.value];
    const sources = drawn.flatMap((layout) => draft(layout, scene)).map((tile) => tile.source);
    const cameras = sources
      .filter((s) => s.endsWith('/camera') && !onAir.has(s))
      .map((s) => s.slice(0, -'/camera'.length));
    return [...new Set(cameras)].sort();
  }

  private edit(next: Layout): void {
    this.undoTo.value = this.preview.value;
    this.preview.value = next;
  }

  private cuttable(): Target | undefined {
    const at = this.chosen.value;
    const held = this.granted.value.filter((r) => r.point !== this.page.state.meeting.value?.chairPoint);
    return this.granted.value.find((r) => r.point === at?.point && r.floor === at.floor) ?? held[held.length - 1];
  }

  private words(key: 'con.invite' | 'con.give' | 'con.deny' | 'con.cut', at: Target): string {
    return `${t(key)}: ${this.page.state.row(at.point).value?.name ?? at.point}`;
  }

  private async say(words: string, ...command: Parameters<Page['act']>): Promise<boolean> {
    const done = await this.page.act(...command);
    if (done) this.lastAct.value = { words, at: this.page.link.now() };
    return done;
  }

  /** A preview nobody has touched follows what is on air. */
  private followProgram(): void {
    let last = this.program.peek();
    effect(() => {
      const now = this.program.value;
      if (same(this.preview.peek(), last)) this.preview.value = now;
      last = now;
    });
  }
}
