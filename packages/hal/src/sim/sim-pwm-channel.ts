import type { Lifetime } from '@hyphae/core';
import { DisposedError } from '@hyphae/core';
import { checkPwm } from '../pwm/check-pwm.js';
import type { PwmChannel } from '../pwm/pwm-channel.js';

/** What a PWM channel puts out. */
export interface PwmSignal {
  /** 0 while the channel is off. */
  readonly frequencyHz: number;
  /** Share of the time the wire is high, 0 to 1. */
  readonly dutyCycle: number;
}

const OFF: PwmSignal = { frequencyHz: 0, dutyCycle: 0 };

/** One channel of a simulated PWM chip, seen from its wire: duty cycles here are physical, `inverted` belongs to the claim. */
export class SimPwmChannel {
  readonly #listeners = new Set<(signal: PwmSignal) => void>();
  #signal = OFF;

  get frequencyHz(): number {
    return this.#signal.frequencyHz;
  }

  get dutyCycle(): number {
    return this.#signal.dutyCycle;
  }

  /** Calls `listener` at every change, until disposed. */
  onChange(listener: (signal: PwmSignal) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The host sets the channel. For boards. */
  put(signal: PwmSignal): void {
    this.#signal = signal;
    for (const listener of this.#listeners) listener(signal);
  }

  /** The host takes the channel; it is off first, and off again after the lifetime, by its polarity. For boards. */
  open(name: string, inverted: boolean, lifetime: Lifetime): PwmChannel {
    let now: PwmSignal = OFF;
    const refuse = () => {
      if (lifetime.signal.aborted) throw new DisposedError({ what: name });
    };
    const idle: PwmSignal = inverted ? { frequencyHz: 0, dutyCycle: 1 } : OFF;
    this.put(idle);
    lifetime.defer(() => this.put(idle), `pwm ${name}`);
    return {
      name,
      set: async (frequencyHz, dutyCycle) => {
        refuse();
        checkPwm(name, frequencyHz, dutyCycle);
        now = { frequencyHz, dutyCycle };
        this.put({ frequencyHz, dutyCycle: inverted ? 1 - dutyCycle : dutyCycle });
      },
      read: async () => {
        refuse();
        return now;
      },
    };
  }
}
