import type { Need } from '@hyphae/core';

/**
 * One hardware PWM channel. It is off when opened and off again when released, by its own polarity: the wire is low then, or high
 * where the need says `inverted`. A provider that cannot keep an inverted wire high without the channel keeps the channel running
 * at a duty cycle of 0 instead.
 */
export interface PwmChannel {
  readonly name: string;
  /**
   * Period before duty cycle, so that no pulse is longer than asked.
   *
   * @param frequencyHz above 0
   * @param dutyCycle 0 (always off) to 1 (always on)
   * @throws HYP_PWM_RANGE
   */
  set(frequencyHz: number, dutyCycle: number): Promise<void>;
  /** What was set, as far as the hardware can do it; 0 Hz and a duty cycle of 0 before. */
  read(): Promise<{ readonly frequencyHz: number; readonly dutyCycle: number }>;
}

/**
 * Asks for a PWM channel. The user names it: `pwmchip0/0`.
 *
 * @param spec.inverted the load is on while the wire is low: duty cycles count the low part
 */
export function pwmChannel(spec: { readonly inverted?: boolean } = {}): Need<PwmChannel> {
  return { kind: 'pwm', choices: [], spec: { ...spec } };
}
