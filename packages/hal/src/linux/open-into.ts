import type { Lifetime } from '@hyphae/core';

/**
 * Opens something that `lifetime` owns from the first moment on. An end that comes while it opens waits for the opening and
 * releases what came of it, so that nothing stays behind and the resource is not free before it is closed.
 *
 * @throws HYP_DISPOSED when the lifetime ended before or meanwhile, else what `open` throws
 */
export async function openInto<T>(
  lifetime: Lifetime,
  name: string,
  open: () => Promise<T>,
  release: (opened: T) => unknown,
): Promise<T> {
  lifetime.signal.throwIfAborted();
  const opening = open();
  const owned = lifetime.defer(
    () => opening.then(release, () => undefined), // who opens it hears why it could not
    name,
  );
  try {
    await opening;
  } catch (error) {
    owned[Symbol.dispose]();
    throw error;
  }
  lifetime.signal.throwIfAborted();
  return opening;
}
