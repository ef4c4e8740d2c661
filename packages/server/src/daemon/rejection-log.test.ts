import test from 'ava';
import { type Logger, silentLogger } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import { RejectionLog } from './rejection-log.js';

function rig() {
  const clock = new VirtualClock();
  const lines: object[] = [];
  const log: Logger = { ...silentLogger, error: (message, context) => void lines.push({ message, ...context }) };
  return { clock, lines, rejections: new RejectionLog(clock, log) };
}

test('a hundred thousand of one kind are one line, and a count a minute', async (t) => {
  const { clock, lines, rejections } = rig();
  for (let i = 0; i < 100_000; i++) rejections.add(`p lost reading ${i}`, () => ({ error: `lost reading ${i}` }));
  t.deepEqual(lines, [{ message: 'unhandled rejection', error: 'lost reading 0' }]);
  await clock.advance('10 min');
  t.is(lines.length, 2);
  t.like(lines[1], { error: 'lost reading 0', times: 99_999 });
  rejections.add('p lost reading 7', () => ({ error: 'again' }));
  t.like(lines[2], { error: 'again' }, 'after a quiet minute it is news');
});

test('different errors are logged apart, but not without end', async (t) => {
  const { clock, lines, rejections } = rig();
  const name = (i: number) => String.fromCharCode(0x4e00 + i);
  for (let i = 0; i < 5_000; i++) rejections.add(name(i), () => ({ error: name(i) }));
  t.true(lines.length > 10 && lines.length < 60, String(lines.length));
  await clock.advance('1 min');
  t.true(lines.length < 60);
  t.true(JSON.stringify(lines).includes('"times":49'), 'all are counted');
  rejections[Symbol.dispose]();
});
