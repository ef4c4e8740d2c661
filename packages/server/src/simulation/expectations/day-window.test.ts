import test from 'ava';
import fc from 'fast-check';
import { DayWindow } from './day-window.js';
import { isZone, zoneOffset } from './zone-offset.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const window = (text: string, zone?: string) => {
  const made = DayWindow.parse(text, zone);
  if (!made) throw new Error(text);
  return made;
};
/** When a window begins and ends within some time. */
const changes = (of: DayWindow, from: string, to: string) => {
  const times: string[] = [];
  for (let at = of.nextChange(Date.parse(from)); at < Date.parse(to); at = of.nextChange(at)) {
    times.push(`${of.contains(at) ? 'in' : 'out'} ${new Date(at).toISOString().slice(5, 16)}`);
  }
  return times;
};

test('a window holds its beginning and not its end', (t) => {
  const day = window('08:00-20:00');
  const at = (time: string) => day.contains(Date.parse(`2026-06-01T${time}Z`));
  t.deepEqual([at('07:59:59.999'), at('08:00'), at('19:59:59.999'), at('20:00')], [false, true, true, false]);
});

test('a window may cross midnight, or end there', (t) => {
  t.deepEqual(changes(window('22:00-06:00'), '2026-06-01T00:00Z', '2026-06-03T00:00Z'), [
    'out 06-01T06:00',
    'in 06-01T22:00',
    'out 06-02T06:00',
    'in 06-02T22:00',
  ]);
  for (const text of ['22:00-24:00', '22:00 - 00:00']) {
    t.deepEqual(changes(window(text), '2026-06-01T00:00Z', '2026-06-02T12:00Z'), ['in 06-01T22:00', 'out 06-02T00:00']);
    t.is(window(text).lengthMs, 2 * HOUR);
  }
});

test('in a zone, what the clocks on the wall show counts, in summer and in winter', (t) => {
  const day = window('08:00-20:00', 'Europe/Berlin');
  t.deepEqual(changes(day, '2026-03-28T00:00Z', '2026-03-30T00:00Z'), [
    'in 03-28T07:00',
    'out 03-28T19:00',
    'in 03-29T06:00',
    'out 03-29T18:00',
  ]);
});

test('an hour that the clocks skip does not come, and one they repeat comes twice', (t) => {
  const night = window('02:00-03:00', 'Europe/Berlin');
  t.deepEqual(changes(night, '2026-03-28T12:00Z', '2026-03-30T12:00Z'), ['in 03-30T00:00', 'out 03-30T01:00']);
  const half = window('02:15-02:45', 'Europe/Berlin');
  t.deepEqual(changes(half, '2026-10-24T12:00Z', '2026-10-25T12:00Z'), [
    'in 10-25T00:15',
    'out 10-25T00:45',
    'in 10-25T01:15',
    'out 10-25T01:45',
  ]);
  // It begins in the hour that is left out, so it begins where the clocks go on.
  t.deepEqual(changes(window('02:30-04:00', 'Europe/Berlin'), '2026-03-28T12:00Z', '2026-03-29T12:00Z'), [
    'in 03-29T01:00',
    'out 03-29T02:00',
  ]);
});

test('from one change to the next, every minute is on the same side', (t) => {
  const zone = fc.constantFrom(undefined, 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe');
  const quarter = fc.integer({ min: 0, max: 95 });
  const time = (quarters: number) =>
    `${String(Math.floor(quarters / 4)).padStart(2, '0')}:${String((quarters % 4) * 15).padStart(2, '0')}`;
  const changeOfClocks = fc.constantFrom(
    '2026-03-08',
    '2026-03-29',
    '2026-04-05',
    '2026-10-04',
    '2026-10-25',
    '2026-11-01',
  );
  fc.assert(
    fc.property(
      zone,
      quarter,
      quarter,
      changeOfClocks,
      fc.integer({ min: -1_440, max: 1_440 }),
      (zone, a, b, day, minute) => {
        fc.pre(a !== b);
        const of = window(`${time(a)}-${time(b)}`, zone);
        const at = Date.parse(`${day}T02:00Z`) + minute * MINUTE;
        const next = of.nextChange(at);
        const inside = of.contains(at);
        t.true(next > at && next - at <= 49 * HOUR);
        for (let each = at; each < next; each += 15 * MINUTE) t.is(of.contains(each), inside);
        t.is(of.contains(next - 1), inside);
        t.not(of.contains(next), inside);
      },
    ),
    { numRuns: 60 },
  );
});

test('what is not two different times of day is no window', (t) => {
  for (const text of [
    '',
    '8-20',
    '08:00',
    '08:00-08:00',
    '00:00-24:00',
    '24:00-06:00',
    '08:60-09:00',
    '25:00-26:00',
    '08:00-24:01',
  ]) {
    t.is(DayWindow.parse(text), undefined, text);
  }
});

test('zones are known by name, and their offset is that of the moment', (t) => {
  t.true(isZone('Asia/Kathmandu'));
  t.false(isZone('Europe/Berlino'));
  t.false(isZone(''));
  t.is(zoneOffset('Asia/Kathmandu', Date.parse('2026-06-01T00:00:00.250Z')), 5.75 * HOUR);
  t.is(zoneOffset('America/New_York', Date.parse('2026-01-01T00:00Z')), -5 * HOUR);
});
