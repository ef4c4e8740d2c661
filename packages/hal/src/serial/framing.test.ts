import test from 'ava';
import fc from 'fast-check';
import { delimited, fixedLength, marked } from './framing.js';
import type { Framing } from './serial-port.js';

/** Cuts a whole stream the way a port does. */
function cut(stream: readonly number[], framing: Framing): number[][] {
  const frames: number[][] = [];
  let rest = Uint8Array.from(stream);
  for (;;) {
    const length = framing(rest);
    if (length === 0 || length > rest.length) return frames;
    if (length > 0) frames.push([...rest.subarray(0, length)]);
    rest = rest.subarray(Math.abs(length));
    if (rest.length === 0) return frames;
  }
}

test('frames of a fixed length', (t) => {
  t.deepEqual(cut([1, 2, 3, 4, 5, 6, 7], fixedLength(3)), [
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

test('frames with an end belong to what came before it', (t) => {
  t.deepEqual(cut([1, 2, 10, 10, 3], delimited(10)), [[1, 2, 10], [10]]);
});

test('marked frames are found again after garbage and lost bytes', (t) => {
  t.deepEqual(cut([9, 0xff, 9, 0xff, 0x86, 1, 2, 0xff, 0x86, 3, 4], marked([0xff, 0x86], 4)), [
    [0xff, 0x86, 1, 2],
    [0xff, 0x86, 3, 4],
  ]);
  t.is(marked([0xff, 0x86], 4)(Uint8Array.of(0xff)), 0, 'half a mark may become a whole one');
});

test('no garbage without the mark hides a marked frame', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xfe })), (garbage) => {
      const frames = cut([...garbage, 0xff, 0x86, 1, 2], marked([0xff, 0x86], 4));
      return frames.length === 1 && frames[0]?.[0] === 0xff;
    }),
  );
  t.pass();
});
