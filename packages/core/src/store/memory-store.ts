import type { Measurement } from '../measurements/measurement.js';
import { DisposedError } from '../errors/catalogue.js';
import type { Clock, EpochMs } from '../time/clock.js';
import { BucketFold } from './bucket-fold.js';
import { ChannelTable, StoredChannel } from './channel-table.js';
import { committed, encodeBatch, type EncodedBatch, noteLast } from './encode-batch.js';
import type {
  Bucket,
  ChannelInfo,
  Committed,
  LogRecord,
  MeasurementQuery,
  MeasurementStore,
  StateStore,
  Store,
} from './measurement-store.js';
import { byTime, type Point, toMeasurement } from './point.js';
import { stateText } from './state-text.js';

/** Options of a {@link MemoryStore}. */
export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Its epoch; `mem-` is put before it where missing. */
  readonly epoch: string;
  /** Records kept; the oldest go first. Default 200,000, about 5 MB. */
  readonly logKeep?: number;
}

const FIRST_CAPACITY = 1_024;
/** Set in a code column: the record is pruned from the history, though not yet from the log. */
const PRUNED = 8;

/** A log of bounded length in columns: record q is in slot (q − 1) modulo the capacity. */
class MemoryMeasurementStore implements MeasurementStore {
  readonly durable = false;
  readonly epoch: string;
  readonly #clock: Clock;
  readonly #keep: number;
  readonly #channels = new ChannelTable((handle, path, unit, kind) => new StoredChannel(handle, path, unit, kind));
  #capacity = FIRST_CAPACITY;
  #handles = new Uint32Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #ats = new Float64Array(FIRST_CAPACITY);
  #codes = new Uint8Array(FIRST_CAPACITY);
  #head = 0;
  #floor = 0;
  #closed = false;

  constructor({ clock, epoch, logKeep = 200_000 }: MemoryStoreOptions) {
    this.epoch = epoch.startsWith('mem-') ? epoch : `mem-${epoch}`;
    this.#clock = clock;
    this.#keep = Math.max(1, logKeep);
  }

  get head(): number {
    return this.#head;
  }

  get floor(): number {
    return this.#floor;
  }

  async append(batch: readonly Measurement[]): Promise<Committed> {
    this.#use();
    const encoded = encodeBatch(batch, this.#head, this.#channels, () => this.#clock.now());
    this.#channels.confirm();
    this.#remember(encoded);
    noteLast(encoded);
    return committed(this.epoch, encoded);
  }

  async read(after: number, limit: number): Promise<readonly LogRecord[]> {
    this.#use();
    const records: LogRecord[] = [];
    const from = Math.max(after, this.#floor);
    const to = Math.min(this.#head, from + Math.max(0, limit));
    for (let q = Math.floor(from) + 1; q <= to; q++) {
      const slot = (q - 1) % this.#capacity;
      // a slot in (floor, head] holds a record of a known channel
      const channel = this.#channels.byHandle(this.#handles[slot]!)!;
      const { value, at, code } = this.#point(q);
      records.push(channel.record(q, value, at, code));
    }
    return records;
  }

  channels(): readonly ChannelInfo[] {
    return this.#channels.list();
  }

  async *query({ path, from, to, limit = Infinity }: MeasurementQuery): AsyncIterable<Measurement> {
    this.#use();
    let left = limit;
    const found = this.#points(path, from, to);
    for (const { point, channel } of found.sort((a, b) => byTime(a.point, b.point))) {
      if (left-- <= 0) return;
      yield toMeasurement(channel)(point);
    }
  }

  async downsample({ path, from, to, limit = Infinity }: MeasurementQuery, points: number): Promise<readonly Bucket[]> {
    this.#use();
    const fold = new BucketFold(from, to, points);
    const unit = this.#channels.byPath(path)[0]?.unit;
    for (const { point, channel } of this.#points(path, from, to)) {
      if (channel.unit === unit) fold.add(point.at, point.value, point.code);
    }
    return fold.buckets().slice(0, limit);
  }

  async latest(source?: string): Promise<readonly LogRecord[]> {
    this.#use();
    return this.#channels.latest(source);
  }

  async prune(before: EpochMs): Promise<number> {
    this.#use();
    let pruned = 0;
    let leading = true;
    for (let q = this.#floor + 1; q <= this.#head; q++) {
      const slot = (q - 1) % this.#capacity;
      // the slot is within the columns
      if (this.#ats[slot]! < before) {
        if ((this.#codes[slot]! & PRUNED) === 0) pruned++;
        this.#codes[slot]! |= PRUNED;
        if (leading) this.#floor = q;
      } else leading = false;
    }
    return pruned;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  #use(): void {
    if (this.#closed) throw new DisposedError({ what: 'The store' });
  }

  #remember({ from, to, handles, values, ats, codes }: EncodedBatch): void {
    this.#grow(to - this.#floor);
    for (let i = Math.max(0, handles.length - this.#capacity); i < handles.length; i++) {
      const slot = (from + i) % this.#capacity;
      // the columns of a batch have one length
      this.#handles[slot] = handles[i]!;
      this.#values[slot] = values[i]!;
      this.#ats[slot] = ats[i]!;
      this.#codes[slot] = codes[i]!;
    }
    this.#head = to;
    this.#floor = Math.max(this.#floor, to - this.#keep);
  }

  /** Doubles the columns until they hold so many records, or as many as are kept. */
  #grow(records: number): void {
    let capacity = this.#capacity;
    while (capacity < Math.min(records, this.#keep)) capacity *= 2;
    if (capacity === this.#capacity) return;
    const [handles, values, ats, codes] = [this.#handles, this.#values, this.#ats, this.#codes];
    this.#handles = new Uint32Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#ats = new Float64Array(capacity);
    this.#codes = new Uint8Array(capacity);
    for (let q = this.#floor + 1; q <= this.#head; q++) {
      const [old, slot] = [(q - 1) % this.#capacity, (q - 1) % capacity];
      // both slots are within their columns
      this.#handles[slot] = handles[old]!;
      this.#values[slot] = values[old]!;
      this.#ats[slot] = ats[old]!;
      this.#codes[slot] = codes[old]!;
    }
    this.#capacity = capacity;
  }

  #point(q: number): Point {
    const slot = (q - 1) % this.#capacity;
    const value = this.#values[slot]!; // the slot is within the columns
    return {
      q,
      at: this.#ats[slot]!,
      value: Number.isNaN(value) ? null : value,
      code: this.#codes[slot]! & ~PRUNED,
    };
  }

  #points(path: string, from: EpochMs, to: EpochMs): { readonly point: Point; readonly channel: StoredChannel }[] {
    const found = [];
    for (const channel of this.#channels.byPath(path)) {
      for (let q = this.#floor + 1; q <= this.#head; q++) {
        const slot = (q - 1) % this.#capacity;
        const at = this.#ats[slot]!; // the slot is within the columns
        if (this.#handles[slot] !== channel.handle || at < from || at >= to) continue;
        if ((this.#codes[slot]! & PRUNED) === 0) found.push({ point: this.#point(q), channel });
      }
    }
    return found;
  }
}

/** State as JSON text, so that what comes back is a copy, as from a disk. */
class MemoryStateStore implements StateStore {
  readonly #owners = new Map<string, Map<string, string>>();
  #closed = false;

  async get(owner: string, key: string): Promise<unknown> {
    this.#use();
    const text = this.#owners.get(owner)?.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async set(owner: string, key: string, value: unknown): Promise<void> {
    this.#use();
    const text = stateText(value);
    let state = this.#owners.get(owner);
    if (!state) this.#owners.set(owner, (state = new Map<string, string>()));
    if (text === undefined) state.delete(key);
    else state.set(key, text);
    if (state.size === 0) this.#owners.delete(owner);
  }

  async list(owner: string): Promise<readonly (readonly [key: string, value: unknown])[]> {
    this.#use();
    const entries = [...(this.#owners.get(owner) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.map(([key, text]) => [key, JSON.parse(text)] as const);
  }

  close(): void {
    this.#closed = true;
  }

  #use(): void {
    if (this.#closed) throw new DisposedError({ what: 'The store' });
  }
}

/** A store for tests, simulations and nodes without a disk: bounded, and gone with the process. */
export class MemoryStore implements Store {
  readonly measurements: MeasurementStore;
  readonly state: StateStore;
  readonly #state = new MemoryStateStore();

  constructor(options: MemoryStoreOptions) {
    this.measurements = new MemoryMeasurementStore(options);
    this.state = this.#state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state.close();
    await this.measurements[Symbol.asyncDispose]();
  }
}
