import type { EpochMs } from '../time/clock.js';
import { setImmediate as nextTurn } from 'node:timers/promises'
import { BaseClock } from '../time/base-clock.js'
import { type Duration, toMs } from '../time/duration.js'
import { VirtualTimeError } from '../errors/catalogue.js'

interface Pending {
  readonly name: string
  readonly at: number
  readonly order: number
  readonly fire: () => void
}

const SAME_INSTANT_LIMIT = 10_000

/** A clock that moves only when a test moves it. One per test; nothing global is patched. */
export class VirtualClock extends BaseClock {
  #elapsed = 0
  #order = 0
  #wallOffset: number
  readonly #lateness: number
  readonly #pending = new Set<Pending>()
  readonly #io = new Set<Promise<unknown>>()

  /** Real timers are never early and always a little late; `lateness` makes virtual ones so, which is what exposes drift. */
  constructor({ start = '2030-01-01T00:00:00Z' as string | EpochMs, lateness = 0 as Duration } = {}) {
    super()
    this.#wallOffset = new Date(start).getTime()
    this.#lateness = toMs(lateness)
  }

  now(): EpochMs {
    return this.#wallOffset + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  timer(name: string, delay: Duration, fire: () => void): Disposable {
    const entry = { name, at: this.#elapsed + Math.max(0, toMs(delay)) + this.#lateness, order: this.#order++, fire }
    this.#pending.add(entry)
    return { [Symbol.dispose]: () => void this.#pending.delete(entry) }
  }

  override io<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.#io.delete(tracked))
    tracked.catch(() => {})
    this.#io.add(tracked)
    return tracked
  }

  /** Steps the wall clock, as NTP would. Timers are unaffected. */
  setWallClock(time: string | EpochMs): void {
    this.#wallOffset = new Date(time).getTime() - this.#elapsed
  }

  /** Moves time forward, firing what falls due in order and letting each consequence settle. */
  async advance(by: Duration): Promise<void> {
    const target = this.#elapsed + toMs(by)
    let sameInstant = 0
    for (await this.#settle(); ; await this.#settle()) {
      const next = this.#next()
      if (!next || next.at > target) break
      sameInstant = next.at === this.#elapsed ? sameInstant + 1 : 0
      if (sameInstant > SAME_INSTANT_LIMIT) throw this.#stuck(`${next.name} rearms without letting time pass`)
      this.#elapsed = next.at
      this.#pending.delete(next)
      next.fire()
    }
    this.#elapsed = target
  }

  /** Advances as far as `work` needs and returns its result. */
  async run<T>(work: Promise<T>, { limit = '1 h' as Duration } = {}): Promise<T> {
    let done = false
    const settled = work.finally(() => (done = true))
    settled.catch(() => {})
    const deadline = this.#elapsed + toMs(limit)
    for (await this.#settle(); !done; await this.#settle()) {
      const next = this.#next()
      if (!next) throw this.#stuck('nothing is scheduled, yet the work is unfinished')
      if (next.at > deadline) throw this.#stuck('the work is unfinished after its limit')
      await this.advance(next.at - this.#elapsed)
    }
    return settled
  }

  /** Names of timers still armed, for leak checks. */
  get waiting(): readonly string[] {
    return [...this.#pending].map(entry => entry.name)
  }

  #next(): Pending | undefined {
    let first: Pending | undefined
    for (const entry of this.#pending) {
      if (!first || entry.at < first.at || (entry.at === first.at && entry.order < first.order)) first = entry
    }
    return first
  }

  async #settle(): Promise<void> {
    do {
      await Promise.allSettled(this.#io)
      await nextTurn() // last, so that whatever was waiting for the I/O has run
    } while (this.#io.size > 0)
  }

  #stuck(why: string) {
    return new VirtualTimeError({ why, waiting: this.waiting })
  }
}
