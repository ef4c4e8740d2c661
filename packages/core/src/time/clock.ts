import type { Duration } from './duration.js';

/** Milliseconds since the Unix epoch. */
export type EpochMs = number;

/** Options of {@link Clock.sleep}. */
export interface SleepOptions {
  readonly signal?: AbortSignal;
  /** Appears in diagnostics and leak reports. */
  readonly name?: string;
}

/** The only source of time. It is injected at composition; nothing global is patched and nothing else may tell the time. */
export interface Clock {
  /** Wall-clock time, for timestamps. It may jump in either direction. */
  now(): EpochMs;
  /** Milliseconds that only ever grow, for intervals and deadlines. */
  monotonic(): number;
  /** Calls `fire` once after `delay`, unless disposed first. Delays of any length are kept; the name appears in diagnostics. */
  timer(name: string, delay: Duration, fire: () => void): Disposable;
  /** Resolves after `delay`; rejects with the signal's reason if it aborts first. */
  sleep(delay: Duration, options?: SleepOptions): Promise<void>;
  /** Marks work that ends in real time (a socket, a disk). Virtual time waits for it; the name appears in diagnostics. */
  io<T>(work: Promise<T>, name?: string): Promise<T>;
}
