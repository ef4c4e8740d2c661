import { access, constants } from 'node:fs/promises';
import { type Clock, DisposedError, type Lifetime } from '@hyphae/core';
import { checkPwm } from '../pwm/check-pwm.js';
import type { PwmChannel } from '../pwm/pwm-channel.js';
import { ERRNO, errnoOf } from './errno.js';
import { openInto } from './open-into.js';
import { pwmError } from './pwm-errors.js';
import { readAttribute, targetOf, writeAttribute } from './sysfs.js';

const NS_PER_S = 1e9;
/** Of an inverted channel that has not been set yet. Any will do where the duty cycle is 0. */
const IDLE_PERIOD_NS = 1_000_000;
/** udev gives a newly exported channel its group a moment later. */
const PERMISSION_MS = 1000;

/** Where a channel is. */
export interface PwmPlace {
  /** Canonical: `pwmchip0/0`. */
  readonly name: string;
  /** The chip's directory: `/sys/class/pwm/pwmchip0`. */
  readonly chip: string;
  readonly channel: number;
  readonly clock: Clock;
}

/**
 * Takes a channel over sysfs (Documentation/driver-api/pwm.rst). It is off first, and off again after the lifetime, as
 * {@link PwmChannel} says.
 *
 * @throws HYP_PWM_BUSY when the kernel or another program has it, HYP_PWM_CHANNEL, HYP_PERMISSION, HYP_DEVICE_GONE
 */
export function openSysfsPwm(place: PwmPlace, inverted: boolean, lifetime: Lifetime): Promise<PwmChannel> {
  const channel = new SysfsPwmChannel(place, inverted);
  return openInto(
    lifetime,
    place.name,
    async () => {
      await channel.take();
      return channel;
    },
    () => channel.release(),
  );
}

class SysfsPwmChannel implements PwmChannel {
  readonly name: string;
  readonly #place: PwmPlace;
  readonly #inverted: boolean;
  readonly #path: string;
  #last: Promise<unknown> = Promise.resolve();
  #released = false;
  /** True once somebody has said what to put out. */
  #set = false;

  constructor(place: PwmPlace, inverted: boolean) {
    this.name = place.name;
    this.#place = place;
    this.#inverted = inverted;
    this.#path = `${place.chip}/pwm${place.channel}`;
  }

  take(): Promise<void> {
    return this.#inTurn(async () => {
      const { chip, channel, clock } = this.#place;
      // True after a process that ended without giving it back, and after an inverted channel was released.
      const exported = await clock.io(targetOf(this.#path));
      if (exported === undefined) await clock.io(writeAttribute(`${chip}/export`, channel));
      try {
        await this.#permitted();
        await this.#takeOver();
      } catch (error) {
        if (exported === undefined) await this.#unexport().catch(() => {}); // what went wrong first is told
        throw error;
      }
    });
  }

  set(frequencyHz: number, dutyCycle: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#check();
      checkPwm(this.name, frequencyHz, dutyCycle);
      const period = Math.max(1, Math.round(NS_PER_S / frequencyHz));
      const duty = Math.round(period * dutyCycle);
      // The kernel refuses a period shorter than the pulse; so a pulse that would not fit goes first.
      if ((await this.#number('duty_cycle')) > period) await this.#write('duty_cycle', 0);
      await this.#write('period', period);
      await this.#write('duty_cycle', duty);
      this.#set = true;
      await this.#enable();
    });
  }

  read(): Promise<{ readonly frequencyHz: number; readonly dutyCycle: number }> {
    return this.#inTurn(async () => {
      this.#check();
      const period = await this.#number('period');
      if (!this.#set || period === 0) return { frequencyHz: 0, dutyCycle: 0 };
      return { frequencyHz: NS_PER_S / period, dutyCycle: (await this.#number('duty_cycle')) / period };
    });
  }

  async release(): Promise<void> {
    this.#released = true;
    await this.#inTurn(async () => {
      await this.#off();
      if (!this.#inverted) await this.#unexport();
    });
  }

  async #takeOver(): Promise<void> {
    const polarity = this.#inverted ? 'inversed' : 'normal';
    // Chips without a polarity are told nothing.
    const now = await this.#place.clock.io(readAttribute(`${this.#path}/polarity`)).catch(() => 'normal');
    if (now !== polarity) {
      // Only a channel that is disabled may change it.
      if ((await this.#number('enable')) !== 0) await this.#write('enable', 0);
      await this.#write('polarity', polarity);
    }
    await this.#off();
  }

  /**
   * A disabled channel is low with most drivers, whatever its polarity: behind an inverting transistor that is full load. So
   * an inverted channel stays enabled at a duty cycle of 0, and exported, since giving it back disables it as well.
   */
  async #off(): Promise<void> {
    if ((await this.#number('duty_cycle')) !== 0) await this.#write('duty_cycle', 0);
    if (this.#inverted) {
      if ((await this.#number('period')) === 0) await this.#write('period', IDLE_PERIOD_NS); // none is refused
      await this.#enable();
    } else if ((await this.#number('enable')) !== 0) await this.#write('enable', 0);
  }

  async #enable(): Promise<void> {
    if ((await this.#number('enable')) === 0) await this.#write('enable', 1);
  }

  #unexport(): Promise<void> {
    return this.#place.clock.io(writeAttribute(`${this.#place.chip}/unexport`, this.#place.channel));
  }

  async #permitted(): Promise<void> {
    const { clock } = this.#place;
    const until = clock.monotonic() + PERMISSION_MS;
    for (;;) {
      try {
        return await clock.io(access(`${this.#path}/period`, constants.W_OK));
      } catch (error) {
        if (errnoOf(error) !== ERRNO.EACCES || clock.monotonic() >= until) throw error;
        await clock.sleep('20 ms', { name: `permission ${this.name}` });
      }
    }
  }

  async #number(attribute: string): Promise<number> {
    return Number(await this.#place.clock.io(readAttribute(`${this.#path}/${attribute}`)));
  }

  #write(attribute: string, value: string | number): Promise<void> {
    return this.#place.clock.io(writeAttribute(`${this.#path}/${attribute}`, value));
  }

  #check(): void {
    if (this.#released) throw new DisposedError({ what: this.name });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work).catch((error: unknown) => {
      throw errnoOf(error) === 0 ? error : pwmError(error, this.name, this.#path);
    });
    this.#last = next.catch(() => undefined);
    return next;
  }
}
