import type { Need } from '@hyphae/core';

/** One hardware PWM channel. */
export interface PwmChannel {
  readonly name: string;
  /**
   * Period before duty cycle, so that no pulse is longer than asked.
   *
   * @param frequencyHz above 0
   * @param dutyCycle 0 (always off) to 1 (always on)
   */
  set(frequencyHz: number, dutyCycle: number): Promise<void>;
  read(): Promise<{ readonly frequencyHz: number; readonly dutyCycle: number }>;
}

/** Asks for a PWM channel. The user names it: `pwmchip0/0`. The channel is off when opened. */
export function pwmChannel(spec: { readonly inverted?: boolean } = {}): Need<PwmChannel> {
  return { kind: 'pwm', choices: [], spec: { ...spec } };
}
