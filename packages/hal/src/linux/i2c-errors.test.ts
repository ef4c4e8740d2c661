import test from 'ava';
import { ERRNO } from './errno.js';
import { i2cError } from './i2c-errors.js';

// Documentation/i2c/fault-codes.rst of the kernel, and what bindings make of it.
const TABLE = [
  ['ENXIO', 'HYP_I2C_NO_ACK'],
  ['EREMOTEIO', 'HYP_I2C_NO_ACK'],
  ['ENODEV', 'HYP_I2C_NO_ACK'],
  ['EAGAIN', 'HYP_I2C_ARBITRATION'],
  ['ETIMEDOUT', 'HYP_I2C_TIMEOUT'],
  ['EIO', 'HYP_I2C_BUS'],
  ['EPROTO', 'HYP_I2C_BUS'],
  ['EBUSY', 'HYP_I2C_BUSY'],
  ['EACCES', 'HYP_PERMISSION'],
  ['EPERM', 'HYP_PERMISSION'],
  ['EOPNOTSUPP', 'HYP_I2C_BUS'],
  ['EINVAL', 'HYP_I2C_BUS'],
] as const;

for (const [name, code] of TABLE) {
  test(`${name} is ${code}, with either sign and without a name`, (t) => {
    for (const sign of [1, -1]) {
      const cause = Object.assign(new Error('transfer failed'), { errno: sign * ERRNO[name], code: '' });
      const error = i2cError(cause, 'i2c-1', 0x76);
      t.is(error.code, code);
      t.is(error.cause, cause);
    }
  });
}

test('the error says where it happened, and why where the code does not', (t) => {
  t.deepEqual(i2cError({ errno: 6 }, 'i2c-1', 0x08).context, { bus: 'i2c-1', address: '0x08' });
  t.like(i2cError({ errno: 71 }, 'i2c-1', 0x76).context, { why: 'EPROTO' });
  t.like(i2cError({ errno: 13 }, 'i2c-1', 0x76).context, { path: '/dev/i2c-1', group: 'i2c' });
});
