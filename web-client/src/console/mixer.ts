// The two buses of the desk without their looks: what is on air for an
// audience, what is being prepared, and the step back. Nothing here reaches
// anybody before take.
import { batch, computed, effect, signal } from '@preact/signals';
import { t } from '../i18n/i18n';
import type { Page } from '../page/page';
import { arrange, bind, draft, move, type Scene, same } from '../state/layouts';
import { type Shown, shown } from '../state/shown';
import type { Audience, Binding, Layout, LayoutKind, TileView } from '../wire';
import type { Acts } from './acts';

const nothing: Layout = { kind: '1', tiles: [{ kind: 'blank' }] };

/** Mixer is preview and program of one audience at a time. */
export class Mixer {
  readonly audience = signal<Audience>('all');
  readonly preview = signal<Layout>(nothing);
  /** The chosen tile of the preview, from 0. */
  readonly tile = signal(0);
  /** The point number being typed, "" while none is. */
  readonly typed = signal('');
  readonly program = computed<Layout>(() => this.setFor(this.audience.value) ?? this.setFor('all') ?? nothing);
  readonly differs = computed(() => !same(this.preview.value, this.program.value));
  readonly follows = computed(() => this.audience.value !== 'all' && !this.setFor(this.audience.value));
  private readonly undoTo = signal<Layout | null>(null);
  readonly undoable = computed(() => this.undoTo.value !== null);

  constructor(
    private readonly page: Page,
    private readonly acts: Acts,
  ) {
    this.followProgram();
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
    this.step(1);
  }

  /** step goes to another tile of the preview, around. */
  step(by: number): void {
    const count = this.preview.value.tiles.length;
    this.tile.value = (this.tile.value + by + count) % count;
  }

  /** put binds a tile of the preview, the chosen one if none is named. */
  put(binding: Binding, tile = this.tile.value): void {
    this.edit(bind(this.preview.value, tile, binding));
  }

  /** swap exchanges what two tiles of the preview show. */
  swap(from: number, to: number): void {
    this.edit(move(this.preview.value, from, to));
  }

  /** arrange changes the preview's layout. */
  arrange(kind: LayoutKind): void {
    this.prepare(arrange(this.preview.value, kind, this.page.state.all()));
  }

  /** prepare puts a whole layout, such as a saved one, into the preview. */
  prepare(layout: Layout): void {
    this.edit(layout);
    this.tile.value = 0;
  }

  /** take shows the preview to the audience. */
  async take(): Promise<void> {
    if (!this.differs.value) return;
    const before = this.program.value;
    const layout = this.preview.value;
    if (await this.acts.say(t('con.take'), 'layout.set', { audience: this.audience.value, layout }))
      this.undoTo.value = before;
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
    void this.acts.say(t('con.aud.clear'), 'layout.clear', { audience: this.audience.value });
  }

  /** Points drawn here that the meeting's own view does not bring. */
  unseen(): string[] {
    const scene = this.scene();
    const onAir = new Set((this.page.state.picture.value?.tiles ?? []).map((tile) => tile.source));
    const drawn = [this.preview.value, this.audience.value === 'all' ? nothing : this.program.value];
    const sources = drawn.flatMap((layout) => draft(layout, scene)).map((tile) => tile.source);
    return sources.filter((s) => s.endsWith('/camera') && !onAir.has(s)).map((s) => s.slice(0, -'/camera'.length));
  }

  private setFor(audience: Audience): Layout | undefined {
    return this.page.state.layouts.value[audience]?.layout;
  }

  private scene(): Scene {
    const { state } = this.page;
    return {
      chairPoint: state.meeting.value?.chairPoint ?? '',
      floor: state.floor.value,
      rotating: state.rotation.value?.current ?? '',
      row: (id) => (id ? state.row(id).value : undefined),
    };
  }

  private draw(tiles: TileView[]): Shown[] {
    const { slots, live } = this.page.state;
    return shown(tiles, slots.value, live.value);
  }

  private edit(next: Layout): void {
    this.undoTo.value = this.preview.value;
    this.preview.value = next;
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
