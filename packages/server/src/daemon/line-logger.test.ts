import test from 'ava';
import { VirtualClock } from '@hyphae/core/testing';
import { LineLogger, logLevel } from './line-logger.js';

function logger(format: 'json' | 'text', level: 'debug' | 'warn' = 'debug') {
  const lines: string[] = [];
  return {
    lines,
    log: new LineLogger({ clock: new VirtualClock(), level, format, write: (line) => void lines.push(line) }),
  };
}

test('an entry is one JSON line with the fields of its logger', (t) => {
  const { log, lines } = logger('json');
  log.child({ instance: 'gh1/air' }).warn('late', { ms: 3, cause: new Error('x'), big: 1n });
  t.deepEqual(JSON.parse(String(lines[0])), {
    time: '2030-01-01T00:00:00.000Z',
    level: 'warn',
    message: 'late',
    instance: 'gh1/air',
    ms: 3,
    cause: { name: 'Error', message: 'x' },
    big: '1',
  });
});

test('an entry for people is short', (t) => {
  const { log, lines } = logger('text');
  log.info('listening', { url: 'http://x', what: 'two words' });
  t.is(lines[0], '00:00:00 INFO  listening url=http://x what="two words"');
});

test('what is below the level is not written', (t) => {
  const { log, lines } = logger('text', 'warn');
  log.debug('a');
  log.info('b');
  log.error('c');
  t.is(lines.length, 1);
});

test('control characters and very long lines do no harm', (t) => {
  const { log, lines } = logger('text');
  log.info('a\u001b[2Jb\nc', { long: 'x'.repeat(1_000_000) });
  t.is(lines.length, 1);
  // eslint-disable-next-line no-control-regex -- they are what must not be there
  t.notRegex(String(lines[0]), /[\u0000-\u001f]/);
  t.true(String(lines[0]).length < 10_000);
});

test('a JSON line stays JSON: with control characters, long texts, and many fields', (t) => {
  const { log, lines } = logger('json');
  log.error('a\u0085b', { note: '\u009b2J\n', long: 'x'.repeat(20_000), code: 'HYP_X' });
  log.error('y'.repeat(20_000), Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i])));
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, string>); // own lines
  t.like(first, { message: 'a\u0085b', note: '\u009b2J\n', code: 'HYP_X' });
  t.regex(first?.['long'] ?? '', /^x{100,1000}…$/);
  t.like(second, { level: 'error', shortened: true });
  for (const line of lines) t.true(line.length < 9_000);
});

test('a context does not forge time, level or message', (t) => {
  const { log, lines } = logger('json');
  log.child({ level: 'debug' }).error('m', { time: 'never', message: 'other', x: 1 });
  t.deepEqual(JSON.parse(String(lines[0])), { time: '2030-01-01T00:00:00.000Z', level: 'error', message: 'm', x: 1 });
});

test('a context that cannot be written does not throw', (t) => {
  const { log, lines } = logger('json');
  const circle: Record<string, unknown> = {};
  circle['circle'] = circle;
  log.error('x', circle);
  t.regex(String(lines[0]), /could not be written/);
});

test('levels are words of the environment', (t) => {
  t.is(logLevel(' DEBUG '), 'debug');
  t.is(logLevel('trace'), 'debug');
  t.is(logLevel('silent'), 'silent');
  t.is(logLevel('toString'), undefined);
  t.is(logLevel(undefined), undefined);
});
