import { hex, type HyphaeError } from '@hyphae/core';
import {
  I2cArbitrationError,
  I2cBusError,
  I2cBusyError,
  I2cNoAckError,
  I2cTimeoutError,
  PermissionError,
} from '../errors.js';
import { ERRNO, errnoName, errnoOf, whyOf } from './errno.js';

/**
 * Translates what a failed transfer threw, following the kernel's Documentation/i2c/fault-codes.rst. An absent chip is ENXIO,
 * EREMOTEIO or ENODEV, as the adapter's driver prefers; all three mean that nobody answered.
 */
export function i2cError(error: unknown, bus: string, address: number): HyphaeError {
  const errno = errnoOf(error);
  const where = { bus, address: hex(address) };
  const options = { cause: error };
  switch (errno) {
    case ERRNO.ENXIO:
    case ERRNO.EREMOTEIO:
    case ERRNO.ENODEV:
      return new I2cNoAckError(where, options);
    case ERRNO.EAGAIN:
      return new I2cArbitrationError(where, options);
    case ERRNO.ETIMEDOUT:
      return new I2cTimeoutError(where, options);
    case ERRNO.EBUSY:
      return new I2cBusyError(where, options);
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return new PermissionError({ path: `/dev/${bus}`, group: 'i2c' }, options);
    default:
      return new I2cBusError({ ...where, why: errno === 0 ? whyOf(error) : errnoName(errno) }, options);
  }
}
