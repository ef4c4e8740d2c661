import test from 'ava';
import { combinedTransfer } from './i2c-rdwr.js';
import type { Libc } from './libc.js';

/** A kernel that carries out as many messages of a combined transfer as told. */
const kernel = (messages: number): Libc => ({
  ioctl: async () => messages,
  ioctlValue: async () => 0,
  setNonBlocking: () => {},
  watch: () => ({ close: () => {} }),
  address: () => 0n,
  pointerBytes: 8,
});

test('a combined transfer whose last segments were left out is refused', async (t) => {
  const segments = [{ write: Uint8Array.of(1, 2) }, { read: 2 }, { read: 4 }];
  const whole = (done: number, asked: number, what: string) => {
    if (done !== asked) throw new Error(`only ${done} of ${asked} ${what}`);
  };
  t.deepEqual(
    (await combinedTransfer(kernel(3), 5, 0x50, segments, whole)).map(({ length }) => length),
    [2, 4],
  );
  await t.throwsAsync(combinedTransfer(kernel(2), 5, 0x50, segments, whole), {
    message: 'only 2 of 3 segments were transferred',
  });
});
