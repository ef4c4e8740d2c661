import test from 'ava';
import fc from 'fast-check';
import { hex } from './hex.js';
import { channelPath, splitPath } from './measurement.js';

test('a channel’s path is its source and its name; sources may have levels', (t) => {
  t.is(channelPath('gh1/air', 'temperature'), 'gh1/air/temperature');
  t.deepEqual(splitPath('gh1/air/temperature'), { source: 'gh1/air', channel: 'temperature' });
  t.deepEqual(splitPath('lonely'), { source: '', channel: 'lonely' });
  t.deepEqual(splitPath(''), { source: '', channel: '' });
});

test('splitting a path undoes joining it', (t) => {
  const level = fc.stringMatching(/^[a-z0-9$-]{1,8}$/);
  fc.assert(
    fc.property(fc.array(level, { minLength: 1, maxLength: 4 }), level, (levels, channel) => {
      const source = levels.join('/');
      const split = splitPath(channelPath(source, channel));
      return split.source === source && split.channel === channel;
    }),
  );
  t.pass();
});

test('bytes are written the way datasheets write them', (t) => {
  t.deepEqual([0, 0x0e, 0x76, 0xff, 0x1a2b].map(hex), ['0x00', '0x0e', '0x76', '0xff', '0x1a2b']);
  t.is(hex(undefined), 'nothing');
});
