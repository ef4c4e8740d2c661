import test from 'ava';
import { ERRNO } from './errno.js';
import { gpioError } from './gpio-errors.js';

const TABLE = [
  ['EBUSY', 'HYP_GPIO_BUSY'],
  ['EACCES', 'HYP_PERMISSION'],
  ['EPERM', 'HYP_PERMISSION'],
  ['ENODEV', 'HYP_DEVICE_GONE'],
  ['ENOENT', 'HYP_DEVICE_GONE'],
  ['EINVAL', 'HYP_GPIO_LINE'],
  ['EIO', 'HYP_GPIO_LINE'],
] as const;

for (const [name, code] of TABLE) {
  test(`${name} of a line is ${code}`, (t) => {
    const cause = Object.assign(new Error('ioctl'), { errno: ERRNO[name] });
    const error = gpioError(cause, 'gpiochip0/17', '/dev/gpiochip0', 'heater-driver');
    t.is(error.code, code);
    t.is(error.cause, cause);
    t.regex(error.message, /gpiochip0/);
  });
}

test('a busy line names who has it, and admits it when the kernel does not say', (t) => {
  t.like(gpioError({ errno: 16 }, 'gpiochip0/17', '/dev/gpiochip0', 'w1-gpio').context, { consumer: 'w1-gpio' });
  t.regex(gpioError({ errno: 16 }, 'gpiochip0/17', '/dev/gpiochip0').message, /the kernel or another program/);
});
