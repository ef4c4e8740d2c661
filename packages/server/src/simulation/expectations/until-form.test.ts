import test from 'ava';
import { HOUR, judge, MINUTE, reading, T0 } from './runs.test.helper.js';

const TANK = 'gh1/tank/level';
const PUMP = 'gh1/pump/state';
const entry = { always: `${PUMP} == off`, until: `${TANK} > 50` };

test('it holds until the other becomes true, and is free from that moment on', (t) => {
  const { outcome, why } = judge(
    entry,
    HOUR,
    reading(0, PUMP, 0),
    reading(0, TANK, 10),
    reading(MINUTE, TANK, 51),
    reading(MINUTE, PUMP, 1),
    reading(2 * MINUTE, TANK, 10),
  );
  t.is(outcome, 'passed');
  t.is(why, `${PUMP} == 0 held until ${TANK} > 50 at 2026-06-01T00:01:00Z`);
});

test('a break before that is a violation at its moment', (t) => {
  const { outcome, at, why, violations } = judge(
    entry,
    HOUR,
    reading(0, PUMP, 0),
    reading(0, TANK, 10),
    reading(MINUTE, PUMP, 1),
    reading(MINUTE, TANK, 50),
    reading(MINUTE + 1, TANK, 51),
  );
  t.deepEqual([outcome, at, violations], ['failed', T0 + MINUTE, 1]);
  t.is(
    why,
    `${PUMP} == 0 did not hold at 2026-06-01T00:01:00Z (1 min into the run), before ${TANK} > 50: ${PUMP} was 1 and ${TANK} was 50`,
  );
});

test('the other has to become true, unless that may not happen', (t) => {
  const readings = [reading(0, PUMP, 0), reading(0, TANK, 10)];
  const { outcome, at, why, violations, around } = judge(entry, HOUR, ...readings);
  t.deepEqual([outcome, at, violations, around.length], ['failed', T0 + HOUR, 1, 2]);
  t.is(
    why,
    `${TANK} > 50 never came true in the time judged, up to 2026-06-01T01:00:00Z; write mayNotHappen: true if that is all right; ${PUMP} was 0 and ${TANK} was 10`,
  );
  t.is(judge({ ...entry, mayNotHappen: true }, HOUR, ...readings).outcome, 'passed');
});

test('the time before what is judged does not count for either', (t) => {
  const run = (after: string) =>
    judge(
      { ...entry, after },
      HOUR,
      reading(0, PUMP, 1),
      reading(0, TANK, 60),
      reading(MINUTE, PUMP, 0),
      reading(MINUTE, TANK, 10),
    );
  t.is(run('0 s').outcome, 'passed');
  t.is(run('1 min').at, T0 + HOUR);
});

test('what was unknown up to the end of it was not evaluated', (t) => {
  const run = (pump: number | null) =>
    judge(
      entry,
      HOUR,
      reading(0, PUMP, pump),
      reading(0, TANK, 10),
      reading(MINUTE, TANK, 60),
      reading(MINUTE, PUMP, 0),
    );
  t.is(run(0).outcome, 'passed');
  t.regex(run(null).why, /could not be evaluated/);
});
