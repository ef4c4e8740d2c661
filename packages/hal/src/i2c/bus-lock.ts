import type { Clock } from '@hyphae/core';
import { DisposedError, hex, toMs } from '@hyphae/core';
import { I2cBusError, I2cHeldError, I2cQueueError, I2cTimeoutError } from '../errors.js';
import type { I2cBus } from './i2c-bus.js';
import type { I2cBusStats, SharedI2cBusOptions } from './shared-i2c-bus.js';
import { Section, type Transfer } from './transfer.js';
import { Turns } from './turns.js';

/**
 * Who has a bus, and who is next. It runs one transfer at a time on the raw bus and answers each at its deadline, also when the
 * wires have not come to an end.
 */
export class BusLock implements Disposable {
  readonly name: string;
  readonly #bus: I2cBus;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #exclusiveMs: number;
  readonly #limit: number;
  readonly #turns: Turns<Transfer>;
  #running: Transfer | undefined;
  #startedMs = 0;
  #section: Section | undefined;
  #sectionMs = 0;
  #watchdog: Disposable | undefined;
  #watchdogMs = 0;
  readonly #timerName: string;
  #disposed = false;
  #transfers = 0;
  #failures = 0;
  #timeouts = 0;
  #maxWaiting = 0;
  // One transfer at a time is on the wires, so two callbacks serve them all.
  readonly #arrived = (result: Uint8Array[]) => this.#finish(result, undefined);
  readonly #failed = (error: unknown) => this.#finish(undefined, error);

  constructor(
    bus: I2cBus,
    { clock, deadline = '100 ms', exclusiveDeadline = '1 s', patience = 8, limit = 1024 }: SharedI2cBusOptions,
  ) {
    this.name = bus.name;
    this.#timerName = `i2c ${bus.name}`;
    this.#bus = bus;
    this.#clock = clock;
    this.#deadlineMs = toMs(deadline);
    this.#exclusiveMs = toMs(exclusiveDeadline);
    this.#limit = limit;
    this.#turns = new Turns(patience);
  }

  get stats(): I2cBusStats {
    return {
      transfers: this.#transfers,
      failures: this.#failures,
      timeouts: this.#timeouts,
      waiting: this.#turns.size,
      maxWaiting: this.#maxWaiting,
    };
  }

  /** Answers all who wait with HYP_DISPOSED. A transfer on the wires is left to end. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#watchdog?.[Symbol.dispose]();
    this.#watchdog = undefined;
    const error = new DisposedError({ what: this.name });
    this.#running?.reject(error);
    this.#section?.end(error);
    for (const waiting of this.#turns.remove(() => true)) waiting.reject(error);
  }

  /** Takes a transfer in: it is answered, one way or the other. */
  submit(transfer: Transfer): void {
    if (this.#disposed) return transfer.reject(new DisposedError({ what: this.name }));
    const { section } = transfer;
    // A section that runs has the bus; its transfers queue among themselves only.
    if (section && section === this.#section) section.turns.push(transfer);
    else {
      if (this.#turns.size >= this.#limit) {
        const context = { bus: this.name, address: hex(transfer.address), waiting: this.#turns.size };
        return transfer.reject(new I2cQueueError(context));
      }
      if (this.#stalled()) this.#bound(transfer);
      this.#turns.add(transfer);
    }
    this.#next();
    if (this.#turns.size > this.#maxWaiting) this.#maxWaiting = this.#turns.size;
  }

  /** Answers and takes out what `owner` has waiting, and lets go of the bus it holds. */
  withdraw(owner: object, error: Error): void {
    for (const waiting of this.#turns.remove((transfer) => transfer.owner === owner)) waiting.reject(error);
    if (this.#running?.owner === owner) this.#running.reject(error);
    if (this.#section?.owner === owner) this.release(this.#section, error);
  }

  /** Ends an exclusive section. */
  release(section: Section, error: Error): void {
    section.end(error);
    if (this.#section !== section) return;
    this.#section = undefined;
    this.#next();
  }

  #next(): void {
    while (!this.#running && !this.#disposed) {
      const section = this.#section;
      const transfer = section ? section.turns.shift() : this.#turns.take();
      if (!transfer) return this.#rest();
      if (transfer.segments) return this.#start(transfer);
      const opened = new Section(transfer.owner, transfer.address);
      this.#section = opened;
      this.#sectionMs = this.#clock.monotonic();
      this.#watch(this.#sectionMs, this.#sectionMs + this.#exclusiveMs);
      transfer.enter(opened);
    }
  }

  #start(transfer: Transfer): void {
    this.#running = transfer;
    this.#startedMs = this.#clock.monotonic();
    this.#transfers++;
    this.#watch(this.#startedMs, this.#startedMs + this.#deadlineMs);
    try {
      this.#bus.transfer(transfer.address, transfer.segments ?? []).then(this.#arrived, this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }

  #finish(result: Uint8Array[] | undefined, error: unknown): void {
    const transfer = this.#running;
    if (!transfer) return;
    this.#running = undefined;
    if (result) {
      const problem = transfer.answer(result);
      if (problem !== undefined) {
        this.#failures++;
        transfer.reject(new I2cBusError(this.#fault(transfer, problem)));
      }
    } else {
      if (!transfer.answered) this.#failures++;
      transfer.reject(error instanceof Error ? error : new I2cBusError(this.#fault(transfer, String(error))));
    }
    this.#next();
  }

  #fault(transfer: Transfer, why: string) {
    return { bus: this.name, address: hex(transfer.address), why };
  }

  /** The bus is idle, or an exclusive section is thinking. */
  #rest(): void {
    if (this.#section) return;
    this.#watchdog?.[Symbol.dispose]();
    this.#watchdog = undefined;
  }

  // One timer watches transfer, section and queue. It is armed when the bus becomes busy and looks, when it fires, at what is
  // due then; so an ordinary transfer costs no timer of its own while others wait.
  #watch(now: number, atMs: number): void {
    if (this.#watchdog) {
      if (this.#watchdogMs <= atMs) return;
      this.#watchdog[Symbol.dispose]();
    }
    this.#watchdogMs = atMs;
    this.#watchdog = this.#clock.timer(this.#timerName, Math.max(0, atMs - now), this.#look);
  }

  readonly #look = (): void => {
    this.#watchdog = undefined;
    const now = this.#clock.monotonic();
    let due = Infinity;
    const running = this.#running;
    if (running && !running.answered) {
      const deadline = this.#startedMs + this.#deadlineMs;
      if (now >= deadline) this.#expire(running);
      else due = deadline;
    }
    if (this.#stalled()) {
      this.#turns.forEach((waiting) => this.#bound(waiting));
      const holder = hex(this.#section?.address ?? running?.address);
      for (const waiting of this.#turns.remove((transfer) => transfer.untilMs <= now)) {
        waiting.reject(new I2cHeldError({ bus: this.name, address: hex(waiting.address), holder }));
      }
      this.#turns.forEach((waiting) => (due = Math.min(due, waiting.untilMs)));
      if (due === Infinity) due = now + this.#deadlineMs; // newcomers want watching too
    } else if (this.#section) due = Math.min(due, this.#sectionMs + this.#exclusiveMs);
    if (due < Infinity && !this.#disposed) this.#watch(now, due);
  };

  #expire(transfer: Transfer): void {
    this.#failures++;
    this.#timeouts++;
    transfer.reject(new I2cTimeoutError({ bus: this.name, address: hex(transfer.address) }));
  }

  /** True while the bus is held by somebody whose time is over. */
  #stalled(): boolean {
    if (this.#running?.answered) return true;
    return this.#section !== undefined && this.#clock.monotonic() - this.#sectionMs >= this.#exclusiveMs;
  }

  /** From when on the bus stalls, each who waits does so for one more deadline at most. */
  #bound(waiting: Transfer): void {
    if (waiting.untilMs === Infinity) waiting.untilMs = this.#clock.monotonic() + this.#deadlineMs;
  }
}
