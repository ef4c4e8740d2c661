import test from 'ava';
import { codeOf } from '../testing/fixture.js';
import { checkPwm } from './check-pwm.js';

test('only a frequency above zero and a duty cycle from 0 to 1 can be put out', (t) => {
  for (const [frequencyHz, dutyCycle] of [
    [0, 0.5],
    [-1, 0.5],
    [NaN, 0.5],
    [Infinity, 0.5],
    [50, -0.01],
    [50, 1.01],
    [50, NaN],
  ] as const) {
    t.is(codeOf(t.throws(() => checkPwm('pwmchip0/0', frequencyHz, dutyCycle))), 'HYP_PWM_RANGE');
  }
  t.notThrows(() => [checkPwm('pwmchip0/0', 0.1, 0), checkPwm('pwmchip0/0', 25_000, 1)]);
});
