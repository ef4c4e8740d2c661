import test from 'ava';
import fc from 'fast-check';
import {
  course,
  everyMoment,
  HOUR,
  judge,
  MINUTE,
  reading,
  records,
  SECOND,
  T0,
  together,
} from './runs.test.helper.js';

const AIR = 'gh1/air/temperature';
const HEATER = 'gh1/heater/state';
const entry = { when: `${AIR} is stale`, then: `${HEATER} == off`, within: '5 s' };
const start = [reading(0, AIR, 20), reading(0, HEATER, 1)];
const stale = reading(MINUTE, AIR, 20, 'stale');

test('an answer at the end of the time allowed still counts, a moment later it does not', (t) => {
  const run = (after: number) => judge(entry, HOUR, ...start, stale, reading(MINUTE + after, HEATER, 0));
  t.like(run(5 * SECOND), {
    outcome: 'passed',
    why: `${AIR} is stale became true once, and ${HEATER} == 0 followed within 5 s each time it was due`,
  });
  t.like(run(5 * SECOND + 1), {
    outcome: 'failed',
    at: T0 + 65 * SECOND,
    why: `${AIR} is stale became true at 2026-06-01T00:01:00Z, but ${HEATER} == 0 did not follow within 5 s, by 2026-06-01T00:01:05Z (1.08 min into the run): ${AIR} was 20 (stale) and ${HEATER} was 1`,
  });
});

test('what is true already is an answer', (t) => {
  t.is(judge({ ...entry, within: '0 s' }, HOUR, ...start, reading(30 * SECOND, HEATER, 0), stale).outcome, 'passed');
  t.is(judge({ ...entry, within: '0 s' }, HOUR, ...start, stale, reading(MINUTE, HEATER, 0)).outcome, 'passed');
});

test('a deadline passes though nothing is read any more', (t) => {
  const run = (lasts: number) => judge(entry, lasts, ...start, stale);
  t.like(run(HOUR), { outcome: 'failed', at: T0 + 65 * SECOND, violations: 1 });
  t.is(run(65 * SECOND).at, T0 + 65 * SECOND);
});

test('a run that ends before any answer is due never put it to the test', (t) => {
  const { outcome, at, why, violations } = judge(entry, 65 * SECOND - 1, ...start, stale);
  t.deepEqual([outcome, at, violations], ['failed', undefined, 0]);
  t.regex(why, /became true once, but the run ended before an answer was due, so this was never put to the test/);
});

test('what never triggers fails, unless that may be', (t) => {
  const { outcome, why } = judge(entry, HOUR, ...start);
  t.is(outcome, 'failed');
  t.is(
    why,
    `${AIR} is stale never became true in the time judged, so this was never put to the test; write mayNotHappen: true if that is all right`,
  );
  t.is(judge({ ...entry, mayNotHappen: true }, HOUR, ...start).outcome, 'passed');
});

test('an answer that has to last is broken off at its exact moment', (t) => {
  const lasting = { ...entry, for: '1 min' };
  const off = reading(62 * SECOND, HEATER, 0);
  const run = (back: number) => judge(lasting, HOUR, ...start, stale, off, reading(62 * SECOND + back, HEATER, 1));
  t.is(run(MINUTE).outcome, 'passed');
  t.like(run(MINUTE - 1), {
    outcome: 'failed',
    at: T0 + 122 * SECOND - 1,
    why: `${AIR} is stale became true at 2026-06-01T00:01:00Z, and ${HEATER} == 0 followed, but did not stay so for 1 min: it ended at 2026-06-01T00:02:01.999Z (2.03 min into the run): ${AIR} was 20 (stale) and ${HEATER} was 1`,
  });
});

test('an answer that is broken off in time may come again', (t) => {
  const run = (again: number) =>
    judge(
      { ...entry, for: '1 min' },
      HOUR,
      ...start,
      stale,
      reading(61 * SECOND, HEATER, 0),
      reading(62 * SECOND, HEATER, 1),
      reading(again, HEATER, 0),
    );
  t.is(run(65 * SECOND).outcome, 'passed');
  t.is(run(66 * SECOND).at, T0 + 65 * SECOND);
});

test('what becomes true outside the time judged does not count, but an answer may come there', (t) => {
  const run = (during: string) =>
    judge(
      { ...entry, during },
      HOUR,
      ...start,
      stale,
      reading(MINUTE + 3 * SECOND, HEATER, 0),
      reading(3 * MINUTE, HEATER, 1),
    );
  t.regex(run('00:02-00:30').why, /never became true in the time judged/);
  t.regex(run('00:00-00:01').why, /never became true in the time judged/);
  t.is(run('00:01-00:02').outcome, 'passed');
});

test('of a trigger that comes again and again without an answer, the outcome is right and memory bounded', (t) => {
  const flapping = Array.from({ length: 10_000 }, (_, index) =>
    reading(MINUTE + index, AIR, 20, index % 2 === 0 ? 'stale' : 'good'),
  );
  const run = (...more: ReturnType<typeof reading>[]) =>
    judge({ ...entry, within: '20 s' }, HOUR, ...start, ...flapping, ...more);
  t.is(run(reading(75 * SECOND, HEATER, 0)).outcome, 'passed');
  t.is(run().at, T0 + 80 * SECOND);
});

test('answers are judged as looking at every single moment would', (t) => {
  const LASTS = 60;
  fc.assert(
    fc.property(course(LASTS), course(LASTS), fc.nat(10), fc.nat(8), fc.nat(15), (a, b, within, lasting, after) => {
      const when = everyMoment(a, LASTS);
      const then = everyMoment(b, LASTS);
      let triggers = 0;
      let answers = 0;
      const missed: number[] = [];
      for (let trigger = after; trigger <= LASTS; trigger++) {
        if (when[trigger] !== true || when[trigger - 1] === true) continue;
        triggers++;
        const due = trigger + within;
        let isAnswered = false;
        let isOpen = due > LASTS;
        for (let moment = trigger; moment <= Math.min(due, LASTS); moment++) {
          if (then[moment] !== true) continue;
          const end = then.findIndex((each, index) => index > moment && each !== true);
          if ((end < 0 ? LASTS : end) - moment >= lasting) isAnswered = true;
          else if (end < 0) isOpen = true;
        }
        if (isAnswered) answers++;
        else if (!isOpen) {
          // Missed when it is due, or when what is true then ends.
          const end = then.findIndex((each, index) => index >= due && each !== true);
          missed.push(end);
        }
      }
      const verdict = judge(
        { when: 'a/x == on', then: 'b/y == on', within: `${within} ms`, for: `${lasting} ms`, after: `${after} ms` },
        LASTS,
        ...together(records('a/x', a), records('b/y', b)),
      );
      t.is(verdict.violations, missed.length);
      t.is(verdict.at, missed[0] === undefined ? undefined : T0 + missed[0]);
      const isPossible = b.length > 0 && triggers > 0;
      t.is(verdict.outcome, isPossible && answers > 0 && missed.length === 0 ? 'passed' : 'failed');
    }),
    { numRuns: 1_000 },
  );
});
