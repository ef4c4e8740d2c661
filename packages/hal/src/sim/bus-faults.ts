import type { Random } from '@hyphae/core';
import { SeededRandom, toMs, type Duration } from '@hyphae/core';

/** What can befall one transfer. `timeout` hangs for a while and then fails, as an adapter does whose clock is stretched. */
export type I2cFault = 'nack' | 'arbitration' | 'bus' | 'busy' | 'timeout';

/** A fault that befalls a transfer, and how long it hangs where it does. */
export interface Befallen {
  readonly fault: I2cFault;
  readonly hangMs: number;
}

interface Rule {
  readonly fault: I2cFault;
  readonly address: number | undefined;
  readonly hangMs: number;
  /** The transfers, counted from when the rule was made, that it befalls. */
  readonly from: number;
  readonly to: number;
  readonly probability: number;
  seen: number;
}

/** Whom a fault is for, and how it looks. */
export interface FaultOptions {
  /** Only transfers with this address. Default: any. */
  readonly address?: number;
  /** How long a `timeout` keeps the bus. Default 100 ms. */
  readonly hang?: Duration;
}

/** The deepest a bus is recovered: 3 × 9 clocks, each followed by a stop (UM10204 §3.1.16 asks for 9). */
const RECOVERY_CLOCKS = 27;

/**
 * Faults of one simulated I²C bus: from a list, by chance of a seeded generator, or lasting. The same calls in the same order
 * give the same faults. What adds a fault returns a handle whose disposal ends this one alone.
 *
 * @example `const faults = new BusFaults(); simBoard({ i2c: { 0x76: chip }, faults: { 'i2c-1': faults } }); faults.next('nack', 2);`
 */
export class BusFaults {
  readonly #random: Random;
  readonly #rules: Rule[] = [];
  #transfers = 0;
  #stuckClocks = 0;
  #stuckLine: 'SDA' | 'SCL' = 'SDA';
  #bitErrorRate = 0;

  constructor({ random = new SeededRandom(1) }: { readonly random?: Random } = {}) {
    this.#random = random;
  }

  /** Transfers that reached the bus so far, the failed ones too. */
  get transfers(): number {
    return this.#transfers;
  }

  /** The next `count` transfers. `Infinity`: until {@link clear}. */
  next(fault: I2cFault, count = 1, options: FaultOptions = {}): Disposable {
    return this.#add(fault, 1, count, 1, options);
  }

  /** The `nth` transfer from now; 1 is the next one. */
  nth(fault: I2cFault, nth: number, options: FaultOptions = {}): Disposable {
    return this.#add(fault, nth, nth, 1, options);
  }

  /** The `nth` transfer from now and all after it. */
  from(fault: I2cFault, nth: number, options: FaultOptions = {}): Disposable {
    return this.#add(fault, nth, Infinity, 1, options);
  }

  /** Each transfer with this probability, until {@link clear}. */
  rate(fault: I2cFault, probability: number, options: FaultOptions = {}): Disposable {
    return this.#add(fault, 1, Infinity, probability, options);
  }

  /** Short for `next('nack', …)`. */
  nackNext(count = 1, options: FaultOptions = {}): Disposable {
    return this.next('nack', count, options);
  }

  /**
   * A chip holds SDA low until it has seen this many clocks. The adapter clocks at most 27 per transfer, in three goes; so 27
   * is cured by the next transfer, 28 by the one after, `Infinity` by {@link release} alone.
   */
  stickSda(clocks: number): void {
    this.#stuckLine = 'SDA';
    this.#stuckClocks = clocks;
  }

  /** A chip holds SCL low: no clocking helps, only {@link release}. */
  stickScl(): void {
    this.#stuckLine = 'SCL';
    this.#stuckClocks = Infinity;
  }

  /** The chip that held a line lets go, as after a power cycle. */
  release(): void {
    this.#stuckClocks = 0;
  }

  /** Each bit on the wires, of what is read and of what is written, flips with this probability. */
  bitErrors(rate: number): void {
    this.#bitErrorRate = rate;
  }

  /** Ends all faults. The count of transfers stays. */
  clear(): void {
    this.#rules.length = 0;
    this.#stuckClocks = 0;
    this.#bitErrorRate = 0;
  }

  /** What befalls this transfer. For buses: called once for each. */
  befall(address: number): Befallen | undefined {
    this.#transfers++;
    let befallen: Befallen | undefined;
    for (let i = 0; i < this.#rules.length; i++) {
      const rule = this.#rules[i];
      if (!rule || (rule.address !== undefined && rule.address !== address)) continue;
      rule.seen++;
      const hit = rule.seen >= rule.from && (rule.probability >= 1 || this.#random.next() < rule.probability);
      if (rule.seen >= rule.to) this.#rules.splice(i--, 1);
      if (hit) befallen ??= rule;
    }
    return befallen;
  }

  /** The line that is held low after the adapter tried to recover the bus; `undefined` when it is free. For buses. */
  recover(): 'SDA' | 'SCL' | undefined {
    if (this.#stuckClocks === 0) return undefined;
    if (this.#stuckLine === 'SDA') this.#stuckClocks = Math.max(0, this.#stuckClocks - RECOVERY_CLOCKS);
    return this.#stuckClocks === 0 ? undefined : this.#stuckLine;
  }

  /** True while {@link distort} may change something. For buses. */
  get distorting(): boolean {
    return this.#bitErrorRate > 0;
  }

  /** The bytes as they arrive at the other end. For buses. */
  distort(bytes: Uint8Array): Uint8Array {
    if (this.#bitErrorRate === 0) return bytes;
    const arrived = Uint8Array.from(bytes);
    for (let i = 0; i < arrived.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        if (this.#random.next() < this.#bitErrorRate) arrived[i] = (arrived[i] ?? 0) ^ (1 << bit);
      }
    }
    return arrived;
  }

  #add(
    fault: I2cFault,
    from: number,
    to: number,
    probability: number,
    { address, hang = '100 ms' }: FaultOptions,
  ): Disposable {
    const rule: Rule = {
      fault,
      address,
      hangMs: hang === Infinity ? Infinity : toMs(hang),
      from,
      to,
      probability,
      seen: 0,
    };
    this.#rules.push(rule);
    return {
      [Symbol.dispose]: () => {
        const at = this.#rules.indexOf(rule);
        if (at >= 0) this.#rules.splice(at, 1);
      },
    };
  }
}
