import { PwmRangeError } from '../errors.js';

/**
 * Refuses what no PWM channel can put out, so that every provider refuses alike.
 *
 * @throws HYP_PWM_RANGE
 */
export function checkPwm(channel: string, frequencyHz: number, dutyCycle: number): void {
  if (!(frequencyHz > 0 && Number.isFinite(frequencyHz))) {
    throw new PwmRangeError({ channel, why: `${frequencyHz} Hz is no frequency` });
  }
  if (!(dutyCycle >= 0 && dutyCycle <= 1)) {
    throw new PwmRangeError({ channel, why: `a duty cycle of ${dutyCycle} is not between 0 and 1` });
  }
}
