import type { HyphaeError } from '@hyphae/core';
import { DeviceGoneError, GpioBusyError, GpioLineError, PermissionError } from '../errors.js';
import { ERRNO, errnoName, errnoOf, whyOf } from './errno.js';

/**
 * Translates what a failed call on a line threw.
 *
 * @param line such as `gpiochip0/17`
 * @param path the file the call went to
 * @param consumer who uses the line, for EBUSY; asked of the kernel beforehand
 */
export function gpioError(error: unknown, line: string, path: string, consumer = ''): HyphaeError {
  const errno = errnoOf(error);
  const options = { cause: error };
  switch (errno) {
    case ERRNO.EBUSY:
      return new GpioBusyError({ line, consumer: consumer || 'the kernel or another program' }, options);
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return new PermissionError({ path, group: 'gpio' }, options);
    case ERRNO.ENODEV:
    case ERRNO.ENOENT:
      return new DeviceGoneError({ device: line, why: `${path} is not there any more` }, options);
    case ERRNO.EINVAL:
      return new GpioLineError(
        { line, why: 'the chip has no such line, or the line cannot be set up this way' },
        options,
      );
    default:
      return new GpioLineError({ line, why: errno === 0 ? whyOf(error) : errnoName(errno) }, options);
  }
}
