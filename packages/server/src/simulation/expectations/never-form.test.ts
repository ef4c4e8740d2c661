import test from 'ava';
import fc from 'fast-check';
import { course, everyMoment, HOUR, judge, MINUTE, reading, records, SECOND, T0 } from './runs.test.helper.js';

const PUMP = 'gh1/pump/state';
const never = `${PUMP} == on`;

test('never fails at the moment at which it is true', (t) => {
  t.is(judge({ never }, HOUR, reading(0, PUMP, 0)).why, `${PUMP} == 1 was never true`);
  const { outcome, at, why, violations } = judge({ never }, HOUR, reading(0, PUMP, 0), reading(MINUTE, PUMP, 1));
  t.deepEqual([outcome, at, violations], ['failed', T0 + MINUTE, 1]);
  t.is(why, `${PUMP} == 1 was true at 2026-06-01T00:01:00Z (1 min into the run): ${PUMP} was 1`);
});

test('never longer than so long allows exactly so long, and fails from then on', (t) => {
  const run = (off: number) =>
    judge({ never, longerThan: '10 min' }, HOUR, reading(MINUTE, PUMP, 1), reading(MINUTE + off, PUMP, 0));
  t.like(run(10 * MINUTE), { outcome: 'passed', why: `${PUMP} == 1 was never true for longer than 10 min` });
  t.like(run(10 * MINUTE + 1), {
    outcome: 'failed',
    at: T0 + 11 * MINUTE,
    why: `${PUMP} == 1 had been true for 10 min at 2026-06-01T00:11:00Z (11 min into the run) and went on: ${PUMP} was 1`,
  });
});

test('a stretch that is too long only at the end of the run is found there', (t) => {
  const run = (lasts: number) => judge({ never, longerThan: '10 min' }, lasts, reading(0, PUMP, 1));
  t.is(run(10 * MINUTE).outcome, 'passed');
  t.is(run(10 * MINUTE + 1).at, T0 + 10 * MINUTE);
});

test('readings that change nothing do not end a stretch, an unknown one does', (t) => {
  const run = (value: number | null) =>
    judge(
      { never, longerThan: '10 min' },
      HOUR,
      reading(0, PUMP, 1),
      reading(6 * MINUTE, PUMP, value),
      reading(7 * MINUTE, PUMP, 1),
      reading(12 * MINUTE, PUMP, 0),
    );
  t.is(run(1).outcome, 'failed');
  t.is(run(null).outcome, 'passed');
});

test('short stretches add up within any hour, not only within those of the clock', (t) => {
  // Four minutes on at 00:50, 01:05, 01:20 and 01:35: twelve minutes within the hour up to 01:24.
  const starts = [50, 65, 80, 95];
  const run = (inAny: string) =>
    judge(
      { never, longerThan: '10 min', inAny },
      3 * HOUR,
      ...starts.flatMap((start) => [reading(start * MINUTE, PUMP, 1), reading((start + 4) * MINUTE, PUMP, 0)]),
    );
  t.is(run('30 min').outcome, 'passed');
  const { outcome, at, why } = run('1 h');
  t.deepEqual([outcome, at], ['failed', T0 + 82 * MINUTE]);
  t.is(
    why,
    `${PUMP} == 1 had been true for 10 min of the 1 h up to 2026-06-01T01:22:00Z (1.37 h into the run) and went on: ${PUMP} was 1`,
  );
});

test('a stretch ends with the part of the day that is judged', (t) => {
  const run = (during: string) =>
    judge(
      { never, longerThan: '10 min', during },
      2 * HOUR,
      reading(55 * MINUTE, PUMP, 1),
      reading(67 * MINUTE, PUMP, 0),
    );
  t.is(run('00:00-01:00').outcome, 'passed');
  t.is(run('01:00-02:00').outcome, 'passed');
  t.is(run('00:00-02:00').at, T0 + 65 * MINUTE);
});

test('a pump that is switched every second for two days takes little memory and is judged to the moment', (t) => {
  const DAY = 24 * HOUR;
  const changes = Array.from({ length: 20_000 }, (_, index) => reading(index * 4 * SECOND, PUMP, index % 2));
  const verdict = judge({ never, longerThan: '6 h', inAny: '1 d' }, 2 * DAY, ...changes);
  // On for 4 s of every 8 s: six hours are full after twelve.
  t.is(verdict.at, T0 + 12 * HOUR + 4 * SECOND);
  t.true(verdict.around.length <= 6);
});

test('never is judged as looking at every single moment would', (t) => {
  const LASTS = 60;
  fc.assert(
    fc.property(
      course(LASTS),
      fc.nat(12),
      fc.nat(20),
      fc.integer({ min: 1, max: 20 }),
      (changes, limit, after, more) => {
        const state = everyMoment(changes, LASTS).map((each, moment) => (moment < after ? undefined : each));
        const evaluated = state.some((each) => each !== undefined);
        const firstOver = (window: number) => {
          for (let end = after + 1; end <= LASTS; end++) {
            const total = state.slice(Math.max(end - window, 0), end).filter((each) => each === true).length;
            if (total > limit) return end - 1;
          }
          return undefined;
        };
        // In one stretch is as in a window that is as long as the limit and one more, which then is full.
        for (const [extra, window] of [
          [{}, limit + 1],
          [{ inAny: `${limit + more} ms` }, limit + more],
        ] as const) {
          const entry = { never: 'a/x == on', longerThan: `${limit} ms`, after: `${after} ms`, ...extra };
          const verdict = judge(entry, LASTS, ...records('a/x', changes));
          const over = firstOver(window);
          t.is(verdict.outcome, evaluated && over === undefined ? 'passed' : 'failed');
          t.is(verdict.at, over === undefined ? undefined : T0 + over);
        }
        const first = state.indexOf(true);
        const verdict = judge({ never: 'a/x == on', after: `${after} ms` }, LASTS, ...records('a/x', changes));
        t.is(verdict.at, first < 0 ? undefined : T0 + first);
      },
    ),
    { numRuns: 500 },
  );
});
