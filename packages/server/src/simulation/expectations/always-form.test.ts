import test from 'ava';
import fc from 'fast-check';
import { course, everyMoment, HOUR, judge, MINUTE, reading, records, SECOND, T0 } from './runs.test.helper.js';

const AIR = 'gh1/air/temperature';

test('always holds when it does, and says for how long', (t) => {
  const verdict = judge({ always: `${AIR} in 20..22` }, 2 * HOUR, reading(0, AIR, 20), reading(HOUR, AIR, 22));
  t.deepEqual(verdict, {
    name: `always ${AIR} in 20..22`,
    outcome: 'passed',
    why: `${AIR} in 20..22 held all of the 2 h judged`,
    around: [],
    violations: 0,
    share: 1,
  });
});

test('a break of always names its moment and the value, and shows what was around it', (t) => {
  const verdict = judge(
    { always: `${AIR} < 22` },
    HOUR,
    ...[20, 21, 21.5, 21.9, 23, 24, 21, 20, 23].map((value, index) => reading(index * MINUTE, AIR, value)),
    reading(30 * MINUTE, 'gh1/other/temperature', 99),
  );
  t.is(verdict.outcome, 'failed');
  t.is(verdict.at, T0 + 4 * MINUTE);
  t.is(verdict.why, `${AIR} < 22 did not hold at 2026-06-01T00:04:00Z (4 min into the run): ${AIR} was 23`);
  t.deepEqual(
    verdict.around.map(({ value }) => value),
    [21.5, 21.9, 23, 24, 21, 20],
  );
  t.is(verdict.violations, 2);
});

test('a break counts from the exact moment at which it has lasted for long enough', (t) => {
  const run = (back: number) =>
    judge({ always: `${AIR} < 22`, for: '5 min' }, HOUR, reading(0, AIR, 23), reading(back, AIR, 20));
  t.is(run(5 * MINUTE - 1).outcome, 'passed');
  const { outcome, at, why } = run(5 * MINUTE);
  t.deepEqual([outcome, at], ['failed', T0 + 5 * MINUTE]);
  t.is(why, `${AIR} < 22 had not held for 5 min at 2026-06-01T00:05:00Z (5 min into the run): ${AIR} was 23`);
});

test('a break that is long enough only at the end of the run is found there', (t) => {
  const run = (lasts: number) => judge({ always: `${AIR} < 22`, for: '5 min' }, lasts, reading(MINUTE, AIR, 23));
  t.is(run(6 * MINUTE - 1).outcome, 'passed');
  t.is(run(6 * MINUTE).at, T0 + 6 * MINUTE);
});

test('a share is weighted by time, and unknown time counts for nothing', (t) => {
  const run = (share: string) =>
    judge(
      { always: `${AIR} < 22`, share },
      100 * SECOND,
      reading(20 * SECOND, AIR, 20),
      reading(56 * SECOND, AIR, 30),
      reading(60 * SECOND, AIR, null),
    );
  t.like(run('90 %'), { outcome: 'passed', share: 0.9, violations: 1, at: undefined });
  const { outcome, at, why } = run('90.5 %');
  t.deepEqual([outcome, at], ['failed', T0 + 56 * SECOND]);
  t.is(
    why,
    `${AIR} < 22 held 90 % of the 40 s judged, and 90.5 % is expected; first, ${AIR} < 22 did not hold at 2026-06-01T00:00:56Z (56 s into the run): ${AIR} was 30`,
  );
});

test('with a share, breaks too short to count do not lower it', (t) => {
  const values = Array.from({ length: 60 }, (_, minute) => reading(minute * MINUTE, AIR, minute % 2 === 0 ? 20 : 30));
  t.like(judge({ always: `${AIR} < 22`, share: 0.99, for: '2 min' }, HOUR, ...values), { outcome: 'passed', share: 1 });
  t.like(judge({ always: `${AIR} < 22`, share: 0.99, for: '1 min' }, HOUR, ...values), {
    outcome: 'failed',
    share: 0.5,
  });
});

test('a value that was there for no time at all breaks nothing, but the last one of a run counts', (t) => {
  const always = `${AIR} < 22`;
  t.is(judge({ always }, HOUR, reading(MINUTE, AIR, 30), reading(MINUTE, AIR, 20)).outcome, 'passed');
  t.like(judge({ always }, HOUR, reading(0, AIR, 20), reading(HOUR, AIR, 30)), { outcome: 'failed', at: T0 + HOUR });
});

test('always is judged as looking at every single moment would', (t) => {
  const LASTS = 60;
  fc.assert(
    fc.property(
      course(LASTS),
      fc.nat(12),
      fc.nat(20),
      fc.integer({ min: 1, max: 100 }),
      (changes, length, after, percent) => {
        const state = everyMoment(changes, LASTS);
        // The breaks, each as its first moment and its length; the last moment has none.
        const breaks: { start: number; length: number }[] = [];
        for (let moment = after; moment <= LASTS; moment++) {
          if (state[moment] !== false || (moment > after && state[moment - 1] === false)) continue;
          const end = state.findIndex((each, index) => index > moment && each !== false);
          breaks.push({ start: moment, length: (end < 0 ? LASTS : end) - moment });
        }
        const long = breaks.filter((each) => each.length >= length);
        const judged = state.slice(after, LASTS);
        const known = judged.filter((each) => each !== undefined).length;
        const broken = long.reduce((sum, each) => sum + each.length, 0);
        const evaluated = state.slice(after).some((each) => each !== undefined);

        const entry = { always: 'a/x == on', for: `${length} ms`, after: `${after} ms` };
        const strict = judge(entry, LASTS, ...records('a/x', changes));
        t.is(strict.outcome, evaluated && long.length === 0 ? 'passed' : 'failed');
        t.is(strict.violations, long.length);
        t.is(strict.at, long[0] && T0 + long[0].start + length);

        const shared = judge({ ...entry, share: `${percent} %` }, LASTS, ...records('a/x', changes));
        const share = (known - broken) / known;
        t.is(shared.outcome, known > 0 && share >= percent / 100 - 1e-9 ? 'passed' : 'failed');
        t.is(shared.share, known > 0 ? share : undefined);
      },
    ),
    { numRuns: 500 },
  );
});
