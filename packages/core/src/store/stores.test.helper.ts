import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext, TestFn } from 'ava';
import type { Logger } from '../logging/logger.js';
import type { Measurement } from '../measurements/measurement.js';
import { SystemClock } from '../time/system-clock.js';
import { KnexStore, type KnexStoreOptions } from './knex-store.js';
import type { MeasurementQuery, MeasurementStore } from './measurement-store.js';

export const T0 = Date.UTC(2030, 0, 1);

/** A good reading, one second after the last per index. */
export function reading(i: number, changes: Partial<Measurement> = {}): Measurement {
  return {
    source: 'gh1/air',
    channel: 'temperature',
    value: i,
    unit: 'Cel',
    at: T0 + i * 1000,
    quality: 'good',
    ...changes,
  };
}

/** Readings `from ≤ i < to`. */
export function readings(from: number, to: number, changes: Partial<Measurement> = {}): Measurement[] {
  return Array.from({ length: to - from }, (_, i) => reading(from + i, changes));
}

export async function collect(store: MeasurementStore, query: Partial<MeasurementQuery> = {}): Promise<Measurement[]> {
  const found: Measurement[] = [];
  const whole = { path: 'gh1/air/temperature', from: -Infinity, to: Infinity, ...query };
  for await (const measurement of store.query(whole)) found.push(measurement);
  return found;
}

/** A logger that remembers its lines by level. */
export function recordingLogger(): Logger & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  const logger = {
    lines,
    debug: (message: string) => void lines.push(`debug ${message}`),
    info: (message: string) => void lines.push(`info ${message}`),
    warn: (message: string) => void lines.push(`warn ${message}`),
    error: (message: string) => void lines.push(`error ${message}`),
    child: () => logger,
  };
  return logger;
}

/** A directory that is removed when disposed, and stores in it. */
export class StoreDirectory implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'hyphae-store-'));
  readonly log = recordingLogger();
  #epochs = 0;

  file(name = 'a.db'): string {
    return join(this.path, name);
  }

  /** Epochs are called e1, e2 … over all stores of the directory. */
  open(options: Partial<KnexStoreOptions> = {}): Promise<KnexStore> {
    return KnexStore.open({
      file: this.file(),
      clock: new SystemClock(),
      log: this.log,
      durability: 'full',
      newEpoch: () => `e${++this.#epochs}`,
      logKeep: 1_000_000,
      sealAt: 65_536,
      busy: '100 ms',
      ...options,
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Declares tests that get a directory of their own. */
export function inDirectory(declare: TestFn) {
  return (title: string, body: (t: ExecutionContext, directory: StoreDirectory) => Promise<void>): void => {
    declare(title, async (t) => {
      using directory = new StoreDirectory();
      await body(t, directory);
    });
  };
}
