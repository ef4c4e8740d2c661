import test from 'ava';
import { timed, timeProblems } from './event-times.js';
import type { ScenarioEvent } from './scenario-schema.js';

const problems = (events: readonly ScenarioEvent[], runMs = 86_400_000) =>
  timeProblems(events.map(timed), runMs).map(({ index, key, message }) => `${index} ${key}: ${message}`);

const line = { name: 'gpiochip0/17', stuck: 1 } as const;

test('events with sensible times have no problems, also where they follow or repeat', (t) => {
  t.deepEqual(
    problems([
      { at: '1 h', for: '10 min', line },
      { at: '70 min', for: '10 min', line: { ...line, stuck: 0 } },
      { at: '0 s', for: '10 min', every: '30 min', unplug: 'i2c-1/0x76' },
      { at: '10 min', for: '20 min', every: '30 min', unplug: 'i2c-1/0x76' },
      { at: '2 h', command: { output: 'a', value: 'on' } },
      { at: '2 h', every: '1 h', command: { output: 'a', value: 0 } },
      { at: '3 h', clock: { step: '-1 h' } },
    ]),
    [],
  );
});

test('what is impossible is said: begins too late, lasts no time, comes again before it is over', (t) => {
  const found = problems(
    [
      { at: '2 h', line },
      { at: '1 s', for: '0 s', unplug: 'a' },
      { at: '1 s', every: '1 min', unplug: 'b' },
      { at: '1 s', for: '1 min', every: '30 s', unplug: 'c' },
      { at: '1 s', every: '0 s', command: { output: 'a', value: 1 } },
      { at: '1 s', clock: { step: '0 s' } },
    ],
    3_600_000,
  );
  t.deepEqual(
    found.map((text) => text.split(':')[0]),
    ['0 at', '1 for', '2 every', '3 every', '4 every', '5 clock'],
  );
});

test('two faults of one part at one time contradict each other, also when only repetitions meet', (t) => {
  t.regex(
    problems([
      { at: '1 h', line },
      { at: '2 h', for: '1 min', line: { ...line, stuck: 0 } },
    ])[0] ?? '',
    /^1 at: it contradicts events\[0\]/,
  );
  const met = problems([
    { at: '5 min', for: '1 min', every: '7 min', unplug: 'a' },
    { at: '0 s', for: '1 min', every: '10 min', unplug: 'a' },
  ]);
  t.is(met.length, 1);
  t.deepEqual(
    problems([
      { at: '1 h', line },
      { at: '1 h', line: { ...line, name: 'gpiochip0/18' } },
    ]),
    [],
  );
});
