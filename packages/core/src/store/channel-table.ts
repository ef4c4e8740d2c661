import type { Measurement, RecordKind } from '../measurements/measurement.js';
import { channelPath, splitPath } from '../measurements/measurement.js';
import type { Unit } from '../measurements/unit.js';
import type { ChannelInfo, LogRecord } from './measurement-store.js';

/** One channel of a store, with its last committed record. */
export class StoredChannel implements ChannelInfo {
  readonly source: string;
  /** The last part of its path. */
  readonly name: string;
  /** Its part of every encoded row. */
  readonly infix: string;
  /** Sequence number of the last committed record; 0 before the first. */
  lastQ = 0;
  /**
   * The handle of the channel whose record came after this one's the last time. Readings come in much the same order in every
   * period, and to try that one first costs a fraction of looking it up by its names.
   */
  follower = 0;
  #value = NaN;
  #at = 0;
  #code = 0;

  constructor(
    readonly handle: number,
    readonly path: string,
    readonly unit: Unit,
    readonly kind: RecordKind,
  ) {
    const { source, channel } = splitPath(path);
    this.source = source;
    this.name = channel;
    this.infix = `,${handle},`;
  }

  /** Notes the last committed record; NaN stands for `null`. It allocates nothing: it is called for each record. */
  note(q: number, value: number, at: number, code: number): void {
    this.lastQ = q;
    this.#value = value;
    this.#at = at;
    this.#code = code;
  }

  /** The last committed record, if there is one. */
  get last(): LogRecord | undefined {
    if (this.lastQ === 0) return undefined;
    return this.record(this.lastQ, Number.isNaN(this.#value) ? null : this.#value, this.#at, this.#code);
  }

  /** A record of this channel as the log hands it out. */
  record(q: number, value: number | null, at: number, quality: number): LogRecord {
    return { q, handle: this.handle, kind: this.kind, path: this.path, value, unit: this.unit, at, quality };
  }
}

/**
 * The channels of one store. A path whose unit or kind changes gets another handle: the records before the change keep
 * their meaning. New channels are pending until the transaction that carries their first record has ended.
 */
export class ChannelTable<C extends StoredChannel = StoredChannel> {
  readonly #make: (handle: number, path: string, unit: Unit, kind: RecordKind) => C;
  readonly #byHandle: (C | undefined)[] = [undefined];
  /** The channels of a path, the newest first. */
  readonly #byPath = new Map<string, C[]>();
  /** The same by source and channel name as measurements carry them: their path need not be built for each record. */
  readonly #byNames = new Map<string, Map<string, C[]>>();
  /** Where {@link resolve} stands. */
  #previous: C | undefined;
  #pending: C[] = [];

  constructor(make: (handle: number, path: string, unit: Unit, kind: RecordKind) => C) {
    this.#make = make;
  }

  /** The channels that {@link resolve} made and nobody has confirmed yet. */
  get pending(): readonly C[] {
    return this.#pending;
  }

  /** The channel of a measurement; a new one is made pending. */
  resolve(measurement: Measurement): C {
    const { source, channel, unit, kind = 'm' } = measurement;
    const guess = this.#byHandle[this.#previous?.follower ?? 0];
    if (guess?.name === channel && guess.source === source && guess.unit === unit && guess.kind === kind) {
      return (this.#previous = guess);
    }
    const found = this.#lookUp(source, channel, unit, kind);
    if (this.#previous) this.#previous.follower = found.handle;
    return (this.#previous = found);
  }

  #lookUp(source: string, channel: string, unit: Unit, kind: RecordKind): C {
    const variants = this.#byNames.get(source)?.get(channel) ?? this.#name(source, channel);
    for (const known of variants) if (known.unit === unit && known.kind === kind) return known;
    const made = this.restore(this.#byHandle.length, channelPath(source, channel), unit, kind);
    this.#pending.push(made);
    return made;
  }

  /** Takes over a channel read from the disk. */
  restore(handle: number, path: string, unit: Unit, kind: RecordKind): C {
    const made = this.#make(handle, path, unit, kind);
    this.#variants(path).unshift(made);
    this.#byHandle[handle] = made;
    return made;
  }

  /** Pending channels are committed. */
  confirm(): void {
    if (this.#pending.length > 0) this.#pending = [];
  }

  /** Pending channels but the first `keep` were not committed: forgets them, their handles are free again. */
  discard(keep = 0): void {
    for (const channel of this.#pending.splice(keep)) {
      this.#byHandle.length = Math.min(this.#byHandle.length, channel.handle);
      this.#variants(channel.path).shift(); // pending ones are the newest
    }
  }

  byHandle(handle: number): C | undefined {
    return this.#byHandle[handle];
  }

  /** The channels that have or had this path, the one used last first. */
  byPath(path: string): readonly C[] {
    return [...(this.#byPath.get(path) ?? [])].sort((a, b) => b.lastQ - a.lastQ);
  }

  /** How many there are. */
  get count(): number {
    return this.#byHandle.length - 1;
  }

  /** All of them, in order of handle. */
  *all(): IterableIterator<C> {
    for (const channel of this.#byHandle) if (channel) yield channel;
  }

  list(): readonly ChannelInfo[] {
    const infos: ChannelInfo[] = [];
    for (const channel of this.all()) {
      if (!this.#pending.includes(channel)) {
        infos.push({ handle: channel.handle, path: channel.path, unit: channel.unit, kind: channel.kind });
      }
    }
    return infos;
  }

  /** The last record of each path, or of those of one source, in order of handle. */
  latest(source?: string): readonly LogRecord[] {
    const records: LogRecord[] = [];
    for (const channel of this.all()) {
      const { last } = channel;
      if (!last || (source !== undefined && channel.source !== source)) continue;
      if (this.#variants(channel.path).length > 1 && this.byPath(channel.path)[0] !== channel) continue;
      records.push(last);
    }
    return records;
  }

  #variants(path: string): C[] {
    let variants = this.#byPath.get(path);
    if (!variants) this.#byPath.set(path, (variants = []));
    return variants;
  }

  /** Remembers under which names measurements refer to a path; two pairs of names may mean one path. */
  #name(source: string, channel: string): C[] {
    let names = this.#byNames.get(source);
    if (!names) this.#byNames.set(source, (names = new Map<string, C[]>()));
    const variants = this.#variants(channelPath(source, channel));
    names.set(channel, variants);
    return variants;
  }
}
