import test from 'ava';
import type { Observation } from './expectation.js';
import { Monitor } from './monitor.js';
import { expectation, HOUR, judge, MINUTE, reading, SECOND, T0 } from './runs.test.helper.js';

const AIR = 'gh1/air/temperature';
const HEATER = 'gh1/heater/state';

const ENTRIES = {
  always: { always: `${AIR} < 22` },
  never: { never: `${AIR} > 22` },
  total: { never: `${AIR} > 22`, longerThan: '1 min', inAny: '5 min' },
  response: { when: `${AIR} > 22`, then: `${AIR} < 22`, within: '5 s', mayNotHappen: true },
  until: { always: `${AIR} < 22`, until: `${AIR} > 30`, mayNotHappen: true },
};

for (const [form, entry] of Object.entries(ENTRIES)) {
  test(`${form}: a channel without a reading in the time judged is a failure that says so`, (t) => {
    const verdicts = [
      judge(entry, HOUR),
      judge(entry, HOUR, reading(0, HEATER, 1)),
      judge({ ...entry, during: '00:00-00:30' }, HOUR, reading(30 * MINUTE, AIR, 20)),
    ];
    for (const { outcome, why } of verdicts) {
      t.is(outcome, 'failed');
      t.is(why, `${AIR} never had a reading in the time judged, so this could not be evaluated`);
    }
  });

  test(`${form}: readings without a usable value are a failure that says so`, (t) => {
    const { outcome, why, around } = judge(entry, HOUR, reading(0, AIR, null), reading(MINUTE, AIR, null));
    t.is(outcome, 'failed');
    t.is(
      why,
      `this could not be evaluated: no value that decides it was usable in the time judged; at the end, ${AIR} had no value (bad)`,
    );
    t.is(around.length, 2);
  });

  test(`${form}: a time judged that never comes is a failure that says so`, (t) => {
    t.is(
      judge({ ...entry, after: '2 h' }, HOUR, reading(0, AIR, 20)).why,
      'the run lasted 1 h, and the first 2 h are not judged, so this could not be evaluated',
    );
    t.is(
      judge({ ...entry, during: '08:00-20:00', zone: 'Europe/Berlin' }, HOUR, reading(0, AIR, 20)).why,
      'the time of day 08:00-20:00 Europe/Berlin never came, so this could not be evaluated',
    );
  });

  test(`${form}: a reading from before the time judged still stands in it`, (t) => {
    t.is(judge({ ...entry, after: '30 min' }, HOUR, reading(0, AIR, 20)).outcome, 'passed');
  });
}

test('a part of a condition whose channel is never read is not passed over', (t) => {
  const { outcome, why } = judge({ always: `${AIR} < 22 or gh1/typo/state == on` }, HOUR, reading(0, AIR, 20));
  t.is(outcome, 'failed');
  t.regex(why, /^gh1\/typo\/state never had a reading/);
});

test('a channel that is only asked to be missing may be missing', (t) => {
  t.is(judge({ always: `gh1/ghost/x is missing or ${AIR} < 1` }, HOUR, reading(0, AIR, 20)).outcome, 'passed');
});

test('only the part of the day that is judged counts, day after day', (t) => {
  const entry = { always: `${AIR} in 20..22`, during: '08:00-20:00' };
  const days = [0, 24, 48].flatMap((hour) => [
    reading((hour + 7.99) * HOUR, AIR, 21),
    reading((hour + 20) * HOUR, AIR, 15),
  ]);
  const verdict = judge(entry, 72 * HOUR, ...days);
  t.is(verdict.outcome, 'passed');
  t.is(verdict.why, `${AIR} in 20..22 held all of the 1.5 d judged`);
  const early = judge(entry, 72 * HOUR, ...days.slice(0, 4), reading(68 * HOUR - 1, AIR, 15));
  // The third morning begins at 15 Cel, with nothing read at eight.
  t.like(early, { outcome: 'failed', at: T0 + 56 * HOUR, violations: 1 });
});

test('records of one moment are one change, whatever their order', (t) => {
  const never = `${AIR} is stale and ${HEATER} == on`;
  const start = [reading(0, AIR, 20), reading(0, HEATER, 1)];
  const change = [reading(MINUTE, AIR, 20, 'stale'), reading(MINUTE, HEATER, 0)];
  t.is(judge({ never }, HOUR, ...start, ...change).outcome, 'passed');
  t.is(judge({ never }, HOUR, ...start, ...change.toReversed()).outcome, 'passed');
});

test('a record dated before the one ahead of it counts from the same moment', (t) => {
  const verdict = judge({ always: `${AIR} < 22` }, HOUR, reading(10 * MINUTE, AIR, 20), reading(5 * MINUTE, AIR, 30));
  t.is(verdict.at, T0 + 10 * MINUTE);
  t.is(judge({ always: `${AIR} < 22` }, HOUR, reading(-HOUR, AIR, 20)).outcome, 'passed', 'before the run');
});

test('a time that is no number holds nothing up', (t) => {
  const wrong = [NaN, Infinity, -Infinity].map((at): Observation => ({ ...reading(0, AIR, 20), at }));
  t.is(judge({ always: `${AIR} < 22`, during: '00:00-00:30' }, HOUR, ...wrong).outcome, 'passed');
});

test('records of other channels cost nothing and change nothing', (t) => {
  const monitor = new Monitor(expectation({ always: `${AIR} < 22` }), T0);
  monitor.observe(reading(0, AIR, 20));
  for (let index = 0; index < 100; index++) {
    const other = reading(index, HEATER, 1);
    monitor.observe({
      path: other.path,
      get at(): number {
        throw new Error('looked at');
      },
      get value(): number {
        throw new Error('looked at');
      },
      quality: 'good',
    });
  }
  t.is(monitor.end(T0 + HOUR).outcome, 'passed');
});

test('the end can be asked for again, and nothing comes after it', (t) => {
  const monitor = new Monitor(expectation({ always: `${AIR} < 22` }), T0);
  monitor.observe(reading(0, AIR, 20));
  const verdict = monitor.end(T0 + HOUR);
  monitor.observe(reading(2 * HOUR, AIR, 30));
  t.is(monitor.end(T0 + 3 * HOUR), verdict);
});

test('what is around a violation is bounded for each channel, so that a busy one hides nothing', (t) => {
  const busy = Array.from({ length: 100 }, (_, second) => reading(second * SECOND, AIR, second < 50 ? 20 : 30));
  const { around } = judge({ always: `${AIR} < 22 or ${HEATER} == off` }, HOUR, reading(0, HEATER, 1), ...busy);
  t.deepEqual(
    around.map(({ at, path }) => `${(at - T0) / SECOND} ${path}`),
    [`0 ${HEATER}`, ...[48, 49, 50, 51, 52, 53].map((second) => `${second} ${AIR}`)],
  );
});
