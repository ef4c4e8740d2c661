import test from 'ava';
import { ERRNO } from './errno.js';
import { pwmError } from './pwm-errors.js';

const TABLE = [
  ['EBUSY', 'HYP_PWM_BUSY'],
  ['EACCES', 'HYP_PERMISSION'],
  ['EPERM', 'HYP_PERMISSION'],
  ['ENODEV', 'HYP_DEVICE_GONE'],
  ['ENOENT', 'HYP_DEVICE_GONE'],
  ['EINVAL', 'HYP_PWM_CHANNEL'],
  ['EIO', 'HYP_PWM_CHANNEL'],
] as const;

for (const [name, code] of TABLE) {
  test(`${name} of a PWM channel is ${code}`, (t) => {
    const cause = Object.assign(new Error('write'), { errno: ERRNO[name] });
    const error = pwmError(cause, 'pwmchip0/0', '/sys/class/pwm/pwmchip0/pwm0');
    t.is(error.code, code);
    t.is(error.cause, cause);
    t.regex(error.message, /pwm/);
  });
}
