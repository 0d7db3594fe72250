// What the server has told this page, as signals: views and patches folded by
// replacing whole sections, roster rows by key. There is no meeting logic
// here; the few derived values only join what the server said with what the
// ingress confirmed.
import { batch, computed, type Signal, signal } from '@preact/signals';
import type {
  Audience,
  BannerView,
  CapacityView,
  ControlView,
  FloorView,
  Gate,
  IdleView,
  IncidentView,
  LayoutView,
  MeetingView,
  MessagesView,
  NodeView,
  OwnView,
  PictureView,
  PointID,
  ProgrammeView,
  RollCallView,
  RosterRow,
  RotationView,
  SavedView,
  SlotLive,
  SlotsView,
  SourceKey,
  View,
  Welcome,
} from '../wire';
import { Lines } from './lines';

/** What each section is while the server does not send it. */
const nothing = {
  meeting: null,
  idle: null,
  own: null,
  floor: null,
  picture: null,
  slots: null,
  layouts: {},
  banners: [],
  messages: null,
  incidents: [],
  programme: null,
  rollcall: null,
  control: null,
  rotation: null,
  saved: [],
  undo: [],
  capacity: [],
  nodes: [],
} satisfies Record<Exclude<keyof View, 'roster'>, unknown>;

type Sections = { [Name in keyof typeof nothing]?: unknown };

/** Plate is what a room's microphone plate reads. */
export type Plate = 'off' | 'asked' | 'invited' | 'back' | 'opening' | 'on';

/** State holds one client's view. Rows are signals of their own: one microphone changes one row. */
export class State {
  readonly seq = signal(0);
  readonly welcome = signal<Welcome | null>(null);
  readonly known = signal(false);
  readonly meeting = signal<MeetingView | null>(null);
  readonly idle = signal<IdleView | null>(null);
  readonly own = signal<OwnView | null>(null);
  readonly floor = signal<FloorView | null>(null);
  readonly picture = signal<PictureView | null>(null);
  readonly slots = signal<SlotsView | null>(null);
  readonly layouts = signal<Record<string, LayoutView>>({});
  readonly banners = signal<BannerView[]>([]);
  readonly messages = signal<MessagesView | null>(null);
  readonly incidents = signal<IncidentView[]>([]);
  readonly programme = signal<ProgrammeView | null>(null);
  readonly rollcall = signal<RollCallView | null>(null);
  readonly control = signal<ControlView | null>(null);
  readonly rotation = signal<RotationView | null>(null);
  readonly saved = signal<SavedView[]>([]);
  /** Audiences whose last take can be undone. */
  readonly undo = signal<Audience[]>([]);
  /** Layouts that some connected room cannot show whole. */
  readonly capacity = signal<CapacityView[]>([]);
  /** The servers of a tree and the lines between them. */
  readonly nodes = signal<NodeView[]>([]);
  /** Ids of all rows, by number; changes only when points come or go. */
  readonly points = signal<PointID[]>([]);
  /** What each video slot has been seen to carry, "" before its first frame. */
  readonly live = signal<SourceKey[]>([]);

  /** How each point's line has been. */
  readonly lines = new Lines();

  private readonly rows = new Map<PointID, Signal<RosterRow | undefined>>();
  private readonly gates = signal<Record<SourceKey, boolean>>({});

  /** Whether the ingress has confirmed that this client's microphone passes. */
  readonly gateOpen = computed(() => this.gates.value[`${this.own.value?.point}/microphone`] === true);
  /** Whether the ingress passes the sound of this client's presentation. */
  readonly contentGateOpen = computed(() => this.gates.value[`${this.own.value?.point}/content-sound`] === true);
  /** The plate: "on" only when permitted and confirmed. */
  readonly plate = computed<Plate>(() => plate(this.own.value, this.gateOpen.value));

  /** row is the signal of one point's row; it exists for any id. */
  row(id: PointID): Signal<RosterRow | undefined> {
    let row = this.rows.get(id);
    if (!row) {
      row = signal<RosterRow | undefined>(undefined);
      this.rows.set(id, row);
    }
    return row;
  }

  /** all are the rows of now, by number; it subscribes to every one of them. */
  all(): RosterRow[] {
    return this.points.value.map((id) => this.row(id).value).filter((r) => r !== undefined);
  }

  /** welcomed begins a session; unless it is resumed, nothing is confirmed any more. */
  welcomed(w: Welcome): void {
    batch(() => {
      this.welcome.value = w;
      if (w.resumed) return;
      this.gates.value = {};
      this.live.value = [];
    });
  }

  /** view takes a whole view: a section it does not have is gone. */
  view(v: View, seq: number): void {
    batch(() => {
      this.take({ ...nothing, ...v });
      const fresh = v.roster ?? {};
      const gone = [...this.rows.keys()].filter((id) => !fresh[id]).map((id) => [id, null]);
      this.roster({ ...Object.fromEntries(gone), ...fresh });
      this.seq.value = seq;
      this.known.value = true;
    });
  }

  /** patch takes the sections that changed; null removes one. */
  patch(v: View, seq: number): void {
    batch(() => {
      this.take(v);
      if (v.roster) this.roster(v.roster);
      this.seq.value = seq;
    });
  }

  /** gate takes the ingress's confirmation for a source of this client. */
  gate(g: Gate): void {
    this.gates.value = { ...this.gates.value, [g.source]: g.open };
  }

  /** slotLive takes what a slot carries from now on. */
  slotLive(s: SlotLive): void {
    const live = [...this.live.value];
    while (live.length < s.slot) live.push('');
    live[s.slot] = s.source;
    this.live.value = live;
  }

  /** take replaces the sections that are there; the roster has its own way. */
  private take(v: Sections): void {
    for (const name of Object.keys(nothing) as (keyof typeof nothing)[]) {
      const section = v[name];
      if (section !== undefined) (this[name] as Signal<unknown>).value = section ?? nothing[name];
    }
  }

  private roster(changed: Record<PointID, RosterRow | null>): void {
    let set = false;
    for (const [id, row] of Object.entries(changed)) {
      const cell = this.row(id);
      set ||= (cell.value === undefined) !== !row || cell.value?.number !== row?.number;
      cell.value = row ?? undefined;
    }
    if (!set) return;
    const present = [...this.rows].flatMap(([, cell]) => (cell.value ? [cell.value] : []));
    this.points.value = present.sort((a, b) => a.number - b.number || a.id.localeCompare(b.id)).map((r) => r.id);
  }
}

/** plate joins the server's word for a microphone with the ingress's. */
export function plate(own: OwnView | null, gateOpen: boolean): Plate {
  switch (own?.mic) {
    case 'on':
      return gateOpen ? 'on' : 'opening';
    case 'asked':
    case 'accepted':
      return 'asked';
    case 'invited':
      // Nobody invites the chair point: with its microphone off it is simply off.
      return own.chair ? 'off' : 'invited';
    case 'back':
      return 'back';
    default:
      return 'off';
  }
}
