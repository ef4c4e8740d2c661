/**
 * Linux error numbers, the same on every architecture Node runs on (`asm-generic/errno-base.h`, `asm-generic/errno.h`).
 * Named here because `os.constants.errno` lacks some, EREMOTEIO among them.
 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  ENODEV: 19,
  EINVAL: 22,
  ENOTTY: 25,
  EPROTO: 71,
  EOPNOTSUPP: 95,
  ETIMEDOUT: 110,
  EREMOTEIO: 121,
} as const;

/** The name of an error number, or the number itself. */
export function errnoName(errno: number): string {
  return Object.entries(ERRNO).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
}

/**
 * The error number of whatever a binding threw, 0 when there is none. Bindings disagree about the sign, and `code` may be the
 * empty string (i2c-bus for EREMOTEIO) or missing, so the number counts first.
 */
export function errnoOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 0;
  if ('errno' in error && typeof error.errno === 'number') return Math.abs(error.errno);
  const code = 'code' in error ? error.code : undefined;
  return Object.entries(ERRNO).find(([name]) => name === code)?.[1] ?? 0;
}

/** What an error says, for the `why` of a catalogued one. */
export function whyOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : errnoName(errnoOf(error));
}
