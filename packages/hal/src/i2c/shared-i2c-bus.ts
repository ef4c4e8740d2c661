import type { Clock, Duration, Lifetime } from '@hyphae/core';
import { checkI2cAddress } from './arguments.js';
import { BoundI2cDevice } from './bound-device.js';
import { BusLock } from './bus-lock.js';
import type { I2cBus } from './i2c-bus.js';
import type { I2cDevice } from './i2c-device.js';

/** How a {@link SharedI2cBus} is shared. */
export interface SharedI2cBusOptions {
  readonly clock: Clock;
  /** The longest one transfer may take before its caller is answered with HYP_I2C_TIMEOUT. Default 100 ms. */
  readonly deadline?: Duration;
  /** The longest `exclusively` may keep the others waiting before they are answered with HYP_I2C_HELD. Default 1 s. */
  readonly exclusiveDeadline?: Duration;
  /** How many transfers of higher priority may go before one that waits. Default 8. */
  readonly patience?: number;
  /** How many transfers may wait; more are refused with HYP_I2C_QUEUE. Default 1024. */
  readonly limit?: number;
}

/** What a {@link SharedI2cBus} has done so far. */
export interface I2cBusStats {
  /** Transfers that were tried on the wires. */
  readonly transfers: number;
  /** Those that failed, timeouts included. */
  readonly failures: number;
  readonly timeouts: number;
  /** How many wait now, and the most that ever did. */
  readonly waiting: number;
  readonly maxWaiting: number;
}

/** Who a handle belongs to and how urgent its transfers are. */
export interface I2cDeviceOptions {
  /** Ends with the claim: what waits then is answered, what it holds is released. */
  readonly lifetime?: Lifetime;
  /** Transfers of higher priority go first. Default 0. */
  readonly priority?: number;
}

/**
 * Turns a raw bus into the handles drivers hold. The lock is per transfer: between two transfers of one driver everybody
 * else may talk, so conversion waits overlap. A transfer past its deadline is answered at once, but the bus stays locked until
 * it has really ended; meanwhile the others wait at most one deadline each and are told who is in their way.
 *
 * Nothing is retried here: the host knows what may be repeated.
 */
export class SharedI2cBus implements Disposable {
  readonly name: string;
  readonly #lock: BusLock;

  constructor(bus: I2cBus, options: SharedI2cBusOptions) {
    this.name = bus.name;
    this.#lock = new BusLock(bus, options);
  }

  /**
   * A handle for one address.
   *
   * @throws HYP_I2C_ARGUMENT when it is no 7-bit address of a device
   */
  device(address: number, { lifetime, priority = 0 }: I2cDeviceOptions = {}): I2cDevice {
    checkI2cAddress(this.name, address);
    const device = new BoundI2cDevice(this.#lock, address, priority);
    lifetime?.defer(() => device.close(), device.name);
    return device;
  }

  get stats(): I2cBusStats {
    return this.#lock.stats;
  }

  /** Answers all who wait with HYP_DISPOSED. A transfer on the wires is left to end. */
  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}
