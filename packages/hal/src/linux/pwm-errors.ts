import type { HyphaeError } from '@hyphae/core';
import { DeviceGoneError, PermissionError, PwmBusyError, PwmChannelError } from '../errors.js';
import { ERRNO, errnoName, errnoOf, whyOf } from './errno.js';

/**
 * Translates what a failed access to a channel threw.
 *
 * @param channel such as `pwmchip0/0`
 * @param path the directory the access went to
 */
export function pwmError(error: unknown, channel: string, path: string): HyphaeError {
  const errno = errnoOf(error);
  const options = { cause: error };
  switch (errno) {
    case ERRNO.EBUSY:
      return new PwmBusyError({ channel }, options);
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return new PermissionError({ path, group: 'gpio' }, options);
    case ERRNO.ENODEV:
    case ERRNO.ENOENT:
      return new DeviceGoneError({ device: channel, why: `${path} is not there any more` }, options);
    case ERRNO.EINVAL:
      return new PwmChannelError({ channel, why: 'the chip cannot be set this way' }, options);
    default:
      return new PwmChannelError({ channel, why: errno === 0 ? whyOf(error) : errnoName(errno) }, options);
  }
}
